/** More of them wait for the disk no faster. */
const togetherMax = 16;

/** The answers in the order of the items, some of which are worked on at a time. The first failure ends it. */
export async function together<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < items.length; at += togetherMax)
    answers.push(...(await Promise.all(items.slice(at, at + togetherMax).map(work))));
  return answers;
}
