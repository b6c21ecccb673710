export const countAnswers = async ({ fetch, assert }) => {
  const answer = await fetch('/count');
  assert.equal(answer.status, 200);
};
