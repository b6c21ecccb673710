/** Search, open and close; the page is complete without it. */
export const script = `(() => {
  const tools = document.getElementById('tools');
  if (!tools) return;
  tools.hidden = false;
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  const none = document.getElementById('no-match');
  const checks = [...document.querySelectorAll('.check')];
  const texts = new Map(checks.map((check) => [check, check.firstElementChild.textContent.toLowerCase()]));
  const isShown = (check) => check.getClientRects().length > 0;
  const update = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    for (const check of checks)
      check.classList.toggle('unmatched', !words.every((word) => texts.get(check).includes(word)));
    for (const group of document.querySelectorAll('.group'))
      group.classList.toggle('unmatched', !group.querySelector('.check:not(.unmatched)'));
    const amount = checks.filter(isShown).length;
    shown.textContent = amount + ' of ' + checks.length + ' shown';
    none.hidden = amount > 0;
  };
  const setOpen = (open) => {
    for (const check of checks) if (isShown(check)) check.open = open;
  };
  search.addEventListener('input', update);
  document.addEventListener('change', update);
  document.getElementById('open-all').addEventListener('click', () => setOpen(true));
  document.getElementById('close-all').addEventListener('click', () => setOpen(false));
  update();
})();
`;
