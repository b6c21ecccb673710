export const neverRestarted = ({ snapshots, assert }) => {
  const units = Object.values(snapshots.after.services).flatMap(({ units }) => units);
  assert.ok(units.length > 0 && units.every(({ restarts }) => restarts === 0));
};
