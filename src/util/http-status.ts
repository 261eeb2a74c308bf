const named: readonly (readonly [first: number, last: number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

/** Whether Go's net/http has a name for a status: only these count as status codes in `retryOn`. */
export function isNamedStatus(code: number): boolean {
  return named.some(([first, last]) => code >= first && code <= last);
}
