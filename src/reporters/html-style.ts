/** The page's stylesheet. Text has a contrast of at least 4.5 : 1 in both colour schemes. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f7; --card: #ffffff; --sunken: #f6f8fa; --ink: #17212b; --muted: #566371;
  --line: #dce2e8; --accent: #0b5c8a;
  --passed: #11703d; --passed-soft: #e4f4ea; --failed: #b4232a; --failed-soft: #fdebeb;
  --error: #8a4a00; --error-soft: #fcf0dc; --not-run: #5a479b; --not-run-soft: #efecfa;
  --inconclusive: #1c5a94; --inconclusive-soft: #e6f0fa; --skipped: #56626e; --skipped-soft: #edf0f3;
  --shadow: 0 1px 2px rgb(23 33 43 / 6%), 0 2px 8px rgb(23 33 43 / 4%);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d141b; --card: #151e27; --sunken: #101820; --ink: #e4ebf2; --muted: #9aa8b6;
    --line: #293643; --accent: #7cc4f0;
    --passed: #6cd398; --passed-soft: #12301f; --failed: #ff9a96; --failed-soft: #3a181b;
    --error: #f2bb66; --error-soft: #35250b; --not-run: #bfb2f6; --not-run-soft: #262044;
    --inconclusive: #8fc4f7; --inconclusive-soft: #13293e; --skipped: #a6b2be; --skipped-soft: #212c37;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; overflow-wrap: anywhere; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif; }
main, .inner, footer, nav ul { max-width: 68rem; margin-inline: auto; padding-inline: 1.25rem; }
main { display: grid; gap: 1.25rem; padding-block: 1.5rem 1rem; }
main > * { min-width: 0; }
h1, h2, h3, p, ul, dl { margin: 0; }
h2 { font-size: 1.15rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { font-size: 1rem; line-height: 1.4; }
a { color: var(--accent); }
code, pre, .id, .ref, .path { font-family: var(--mono); font-size: 0.87em; }
thead th { overflow-wrap: normal; }
.muted { color: var(--muted); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 3; padding: 0.5rem 1rem; background: var(--card); border-radius: 0 0 6px 6px; }
.skip:focus { top: 0; }

.top { background: #0c2c42; color: #ffffff; }
.top .inner { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; justify-content: space-between; padding-block: 0.8rem; }
.brand { display: inline-flex; align-items: center; gap: 0.6rem; font-weight: 650; font-size: 1.1rem; letter-spacing: 0.01em; }
.run { color: #c5d8e6; font-size: 0.9rem; overflow-wrap: anywhere; }
nav { position: sticky; top: 0; z-index: 2; background: var(--card); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 0.25rem; list-style: none; overflow-x: auto; padding-block: 0; }
nav a { display: block; padding: 0.6rem 0.65rem; color: var(--muted); text-decoration: none; white-space: nowrap; font-size: 0.92rem; font-weight: 550; border-bottom: 2px solid transparent; }
nav li:first-child a { margin-left: -0.65rem; }
nav a:hover { color: var(--ink); border-bottom-color: var(--accent); }
nav :focus-visible { outline-offset: -3px; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.4rem; box-shadow: var(--shadow); }
.card > h2 { margin-bottom: 0.9rem; }
.card > h3 { margin: 1.3rem 0 0.5rem; }
.eyebrow { font-size: 0.8rem; font-weight: 600; color: var(--muted); letter-spacing: 0.02em; overflow-wrap: anywhere; }
.plain { padding-left: 1.15rem; display: grid; gap: 0.35rem; }
.plain li::marker { color: var(--muted); }

.v-passed, .o-done { --tone: var(--passed); --soft: var(--passed-soft); }
.v-failed, .o-failed { --tone: var(--failed); --soft: var(--failed-soft); }
.v-error, .o-error, .o-timed-out, .o-interrupted, .o-unfinished { --tone: var(--error); --soft: var(--error-soft); }
.v-not-run, .o-not-run { --tone: var(--not-run); --soft: var(--not-run-soft); }
.v-inconclusive { --tone: var(--inconclusive); --soft: var(--inconclusive-soft); }
.v-skipped, .o-skipped { --tone: var(--skipped); --soft: var(--skipped-soft); }

.banner { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 1.4rem; align-items: center; background: var(--soft); border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent); border-left: 8px solid var(--tone); border-radius: 10px; padding: 1.5rem 1.6rem; }
.mark { width: 4.2rem; height: 4.2rem; border-radius: 50%; display: grid; place-items: center; background: var(--tone); color: var(--card); font-size: 2.1rem; font-weight: 700; line-height: 1; }
.banner h1 { color: var(--tone); font-size: 2.5rem; line-height: 1.1; letter-spacing: -0.02em; }
.banner h1::first-letter { text-transform: uppercase; }
.banner .eyebrow { color: var(--ink); font-size: 0.95rem; }
.answer { margin-top: 0.35rem; font-size: 1.1rem; }
.answer strong::first-letter { text-transform: uppercase; }
.answer span { margin-left: 0.5rem; font-size: 0.95rem; }
.banner dl { display: grid; gap: 0.25rem; font-size: 0.9rem; padding-left: 1.4rem; border-left: 1px solid color-mix(in srgb, var(--tone) 30%, transparent); }
.banner dl div { display: grid; grid-template-columns: 6rem auto; gap: 0.6rem; }
.banner dt { opacity: 0.85; } .banner dd { font-variant-numeric: tabular-nums; font-weight: 550; }

.identity { display: grid; grid-template-columns: 1fr auto 1fr; gap: 0.9rem; align-items: stretch; }
.identity .card { padding: 1rem 1.2rem; min-width: 0; }
.arrow { align-self: center; font-size: 1.6rem; color: var(--muted); }
.ref { font-size: 1.02rem; font-weight: 600; margin-top: 0.2rem; }
.digest { font-size: 0.85rem; margin-top: 0.25rem; overflow-wrap: anywhere; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.75rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--tone, var(--line)); border-radius: 8px; padding: 0.7rem 0.95rem; display: grid; align-content: start; }
.figure { font-size: 1.45rem; font-weight: 650; line-height: 1.25; color: var(--tone, var(--ink)); font-variant-numeric: tabular-nums; }
.label { color: var(--muted); font-size: 0.84rem; line-height: 1.35; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.5rem 0.9rem 0.5rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; padding-top: 0; color: var(--muted); font-size: 0.82rem; font-weight: 600; }
tbody th { font-weight: 600; }
td.number, th.number { text-align: right; }
.outcome { color: var(--tone); font-weight: 600; white-space: nowrap; }
.severity { font-weight: 600; } .s-warning { color: var(--error); } .s-error { color: var(--failed); }

.timeline th, .timeline td { vertical-align: middle; padding-block: 0.28rem; white-space: nowrap; }
.timeline tbody th { min-width: 7rem; max-width: 14rem; white-space: normal; overflow-wrap: anywhere; }
.timeline .track { width: 62%; min-width: 14rem; }
.timeline svg { display: block; overflow: visible; }
.lane { fill: var(--line); }
.bar.operation { fill: var(--tone); }
.bar.checks { fill: color-mix(in srgb, var(--muted) 45%, var(--card)); }
.tick { stroke: var(--tone); stroke-width: 2; }
.axis { fill: var(--muted); font-size: 11.5px; font-weight: 500; }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem; font-size: 0.85rem; margin-top: 0.8rem; }
.swatch { width: 1.4rem; height: 0.8rem; border-radius: 3px; background: var(--passed); }
.swatch.checks { height: 0.4rem; margin-left: 0.8rem; background: color-mix(in srgb, var(--muted) 45%, var(--card)); }

.filters { display: grid; gap: 0.8rem; margin-bottom: 0.5rem; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.45rem; align-items: center; }
legend { float: left; margin-right: 0.3rem; color: var(--muted); font-size: 0.9rem; padding: 0; }
.choice { position: relative; }
.choice input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; width: 100%; height: 100%; }
.choice > span { display: block; padding: 0.2rem 0.75rem; border: 1px solid var(--line); border-radius: 999px; font-size: 0.88rem; color: var(--tone, var(--ink)); background: var(--card); }
.choice input:hover + span { border-color: var(--tone, var(--accent)); }
.choice input:checked + span { background: var(--soft, var(--sunken)); border-color: var(--tone, var(--accent)); font-weight: 600; }
.choice input:focus-visible + span { outline: 3px solid var(--accent); outline-offset: 2px; }
.amount { font-variant-numeric: tabular-nums; margin-left: 0.15rem; }
#tools:not([hidden]) { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
.search { display: flex; align-items: center; gap: 0.5rem; color: var(--muted); font-size: 0.9rem; flex: 1 1 16rem; }
.search input { flex: 1; min-width: 0; }
input[type='search'], button { font: inherit; font-size: 0.9rem; padding: 0.3rem 0.75rem; border: 1px solid color-mix(in srgb, var(--muted) 55%, var(--line)); border-radius: 6px; background: var(--card); color: var(--ink); }
button { cursor: pointer; } button:hover { border-color: var(--accent); }
#shown { font-size: 0.85rem; font-variant-numeric: tabular-nums; }

.group { margin-top: 1.3rem; }
.group h3 { margin-bottom: 0.5rem; }
.group > .message { margin-bottom: 0.6rem; }
.group h3 .muted { font-weight: 400; font-size: 0.88rem; margin-left: 0.4rem; }
.check { border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 7px; background: var(--card); }
.check + .check { margin-top: 0.4rem; }
.check > summary { display: grid; grid-template-columns: 7.6rem minmax(0, 1fr) auto 4.6rem; gap: 0.8rem; align-items: center; padding: 0.5rem 0.9rem; cursor: pointer; list-style: none; }
.check > summary::-webkit-details-marker { display: none; }
.check > summary:hover { background: var(--sunken); }
.check[open] > summary { border-bottom: 1px solid var(--line); }
.badge { justify-self: start; padding: 0.08rem 0.6rem; border-radius: 999px; background: var(--soft); color: var(--tone); font-size: 0.83rem; font-weight: 650; white-space: nowrap; }
.what { display: grid; min-width: 0; }
.id { font-weight: 600; }
.title { color: var(--muted); font-size: 0.88rem; line-height: 1.4; }
.chip { padding: 0.05rem 0.5rem; border-radius: 4px; background: var(--sunken); border: 1px solid var(--line); color: var(--muted); font-size: 0.78rem; font-family: var(--mono); }
.body { padding: 0.9rem 1rem 1rem; display: grid; gap: 0.75rem; }
.message { white-space: pre-wrap; }
.check > .body > .message { border-left: 3px solid var(--tone); padding-left: 0.8rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.5rem; font-size: 0.84rem; }
.facts div { display: flex; gap: 0.4rem; } .facts dt { color: var(--muted); } dd { margin: 0; min-width: 0; }
.evidence { border: 1px solid var(--line); border-radius: 6px; background: var(--sunken); min-width: 0; }
.evidence > summary { padding: 0.4rem 0.75rem; cursor: pointer; font-size: 0.92rem; overflow-wrap: anywhere; }
.evidence > summary .muted { font-size: 0.85rem; margin-left: 0.4rem; }
.evidence > p { padding: 0.3rem 0.75rem; font-size: 0.85rem; margin: 0; }
pre { margin: 0; padding: 0.75rem; overflow: auto; max-height: 26rem; line-height: 1.5; tab-size: 4; background: var(--sunken); }
.evidence > pre { border-block: 1px solid var(--line); background: var(--card); }
.card > pre { border: 1px solid var(--line); border-radius: 6px; margin-block: 0.8rem; }
.pairs { display: grid; gap: 0.35rem; font-size: 0.93rem; margin-bottom: 0.9rem; }
.pairs:last-child { margin-bottom: 0; }
.pairs div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 0.8rem; } .pairs dt { color: var(--muted); }
.observation { margin-top: 0.6rem; display: grid; gap: 0.25rem; font-size: 0.92rem; }
footer { padding-block: 0.5rem 2.5rem; color: var(--muted); font-size: 0.85rem; }

.unmatched { display: none; }
${['passed', 'failed', 'error', 'not-run', 'inconclusive', 'skipped']
  .map(
    (verdict) =>
      `main:has(#filter-${verdict}:checked) :is(.check:not(.v-${verdict}), .group:not(:has(.check.v-${verdict}))) { display: none; }`,
  )
  .join('\n')}

@media (max-width: 44rem) {
  .scroll table { min-width: 36rem; }
  .banner { grid-template-columns: 1fr; } .banner dl { padding: 0.8rem 0 0; border-left: 0; border-top: 1px solid color-mix(in srgb, var(--tone) 30%, transparent); } .mark { width: 3.2rem; height: 3.2rem; font-size: 1.6rem; }
  .identity { grid-template-columns: 1fr; } .arrow { rotate: 90deg; justify-self: center; }
  .check > summary { grid-template-columns: minmax(0, 1fr) auto; gap: 0.35rem 0.8rem; } .check > summary .what { grid-column: 1 / -1; } .chip { justify-self: end; } .check > summary .number { display: none; }
  .pairs div { grid-template-columns: 1fr; gap: 0; }
}
@media print {
  :root { --ground: #ffffff; --shadow: none; }
  nav, .filters, .skip { display: none; }
  details::details-content { content-visibility: visible; display: block; }
  pre { max-height: none; white-space: pre-wrap; }
  .card, .check { break-inside: avoid-page; box-shadow: none; }
}
`;
