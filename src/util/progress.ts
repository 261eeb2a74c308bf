/** Is told how much of a long work is done. */
export type OnProgress = (done: number, of: number) => void;

/** What is made of each item, one after the other; `onProgress` is told after each. */
export function mapTold<Item, Made>(
  items: readonly Item[],
  onProgress: OnProgress | undefined,
  make: (item: Item, index: number) => Made,
): Made[] {
  return items.map((item, index) => {
    const made = make(item, index);
    onProgress?.(index + 1, items.length);
    return made;
  });
}
