/** Plain comparison of texts by code unit, as Go compares strings (for the ASCII names of Kubernetes). */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
