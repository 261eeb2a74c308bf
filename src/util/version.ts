/** Compares versions by their numbers, of which there may be up to three (`1.2`, `1.2.3`); one that is left out is 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  return [0, 1, 2].map((index) => (left?.[index] ?? 0) - (right?.[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
