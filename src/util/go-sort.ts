/**
 * Sorting as Go's `sort.Slice` does it. That sort is not stable, so where istioctl's order leaves elements equal, the order it prints
 * them in is the one that this very algorithm (pattern-defeating quicksort, Go 1.19 and later) arrives at.
 */

/** Whether element `a` goes before element `b`. */
export type Less<T> = (a: T, b: T) => boolean;

/** A sorted copy of the list, with equal elements in the order in which Go's `sort.Slice` leaves them. */
export function goSort<T>(list: readonly T[], less: Less<T>): T[] {
  const items = [...list];
  new Sorter(items, less).sort(0, items.length, bitLength(items.length));
  return items;
}

const INSERTION_LIMIT = 12;
const NINTHER_LIMIT = 50;

type Hint = 'unknown' | 'increasing' | 'decreasing';

class Sorter<T> {
  private readonly items: T[];
  private readonly comesBefore: Less<T>;
  private swaps = 0;

  constructor(items: T[], comesBefore: Less<T>) {
    this.items = items;
    this.comesBefore = comesBefore;
  }

  sort(start: number, stop: number, budget: number): void {
    let [from, to, limit] = [start, stop, budget];
    let balanced = true;
    let partitioned = true;
    while (to - from > INSERTION_LIMIT) {
      const length = to - from;
      if (limit === 0) {
        this.heapSort(from, to);
        return;
      }
      if (!balanced) {
        this.breakPatterns(from, to);
        limit--;
      }
      let [pivot, hint] = this.choosePivot(from, to);
      if (hint === 'decreasing') {
        this.reverse(from, to);
        pivot = to - 1 - (pivot - from);
        hint = 'increasing';
      }
      if (balanced && partitioned && hint === 'increasing' && this.almostSorted(from, to)) return;
      if (from > 0 && !this.less(from - 1, pivot)) {
        from = this.partitionEqual(from, to, pivot);
        continue;
      }
      const split = this.partition(from, to, pivot);
      partitioned = split.already;
      const [left, right] = [split.middle - from, to - split.middle];
      balanced = Math.min(left, right) >= Math.floor(length / 8);
      if (left < right) {
        this.sort(from, split.middle, limit);
        from = split.middle + 1;
      } else {
        this.sort(split.middle + 1, to, limit);
        to = split.middle;
      }
    }
    this.insertionSort(from, to);
  }

  private less(i: number, j: number): boolean {
    return this.comesBefore(this.items[i] as T, this.items[j] as T);
  }

  private swap(i: number, j: number): void {
    const held = this.items[i] as T;
    this.items[i] = this.items[j] as T;
    this.items[j] = held;
  }

  private insertionSort(from: number, to: number): void {
    for (let i = from + 1; i < to; i++) for (let j = i; j > from && this.less(j, j - 1); j--) this.swap(j, j - 1);
  }

  private heapSort(from: number, to: number): void {
    const length = to - from;
    const siftDown = (low: number, high: number): void => {
      let root = low;
      for (;;) {
        let child = 2 * root + 1;
        if (child >= high) return;
        if (child + 1 < high && this.less(from + child, from + child + 1)) child++;
        if (!this.less(from + root, from + child)) return;
        this.swap(from + root, from + child);
        root = child;
      }
    };
    for (let i = Math.floor((length - 1) / 2); i >= 0; i--) siftDown(i, length);
    for (let i = length - 1; i >= 0; i--) {
      this.swap(from, from + i);
      siftDown(0, i);
    }
  }

  /** Elements before the pivot go left, the others right. */
  private partition(from: number, to: number, pivot: number): { middle: number; already: boolean } {
    this.swap(from, pivot);
    let i = from + 1;
    let j = to - 1;
    let already = true;
    for (;;) {
      while (i <= j && this.less(i, from)) i++;
      while (i <= j && !this.less(j, from)) j--;
      if (i > j) break;
      already = false;
      this.swap(i++, j--);
    }
    this.swap(j, from);
    return { middle: j, already };
  }

  /** Elements equal to the pivot go left, the greater ones right; there are no smaller ones. */
  private partitionEqual(from: number, to: number, pivot: number): number {
    this.swap(from, pivot);
    let i = from + 1;
    let j = to - 1;
    for (;;) {
      while (i <= j && !this.less(from, i)) i++;
      while (i <= j && this.less(from, j)) j--;
      if (i > j) return i;
      this.swap(i++, j--);
    }
  }

  /** Tries to finish a nearly sorted range with a few moves; whether it is sorted now. */
  private almostSorted(from: number, to: number): boolean {
    let i = from + 1;
    for (let step = 0; step < 5; step++) {
      while (i < to && !this.less(i, i - 1)) i++;
      if (i === to) return true;
      if (to - from < NINTHER_LIMIT) return false;
      this.swap(i, i - 1);
      if (i - from >= 2) for (let j = i - 1; j >= 1 && this.less(j, j - 1); j--) this.swap(j, j - 1);
      if (to - i >= 2) for (let j = i + 1; j < to && this.less(j, j - 1); j++) this.swap(j, j - 1);
    }
    return false;
  }

  private breakPatterns(from: number, to: number): void {
    const length = to - from;
    if (length < 8) return;
    const mask = (1n << BigInt(bitLength(length))) - 1n;
    let random = BigInt(length);
    const middle = from + Math.floor(length / 4) * 2;
    for (let index = middle - 1; index <= middle + 1; index++) {
      random = BigInt.asUintN(64, random ^ (random << 13n));
      random ^= random >> 7n;
      random = BigInt.asUintN(64, random ^ (random << 17n));
      const other = Number(random & mask);
      this.swap(index, from + (other >= length ? other - length : other));
    }
  }

  private choosePivot(from: number, to: number): [pivot: number, hint: Hint] {
    const length = to - from;
    const quarter = Math.floor(length / 4);
    this.swaps = 0;
    let [i, j, k] = [from + quarter, from + quarter * 2, from + quarter * 3];
    if (length >= 8) {
      if (length >= NINTHER_LIMIT) {
        i = this.median(i - 1, i, i + 1);
        j = this.median(j - 1, j, j + 1);
        k = this.median(k - 1, k, k + 1);
      }
      j = this.median(i, j, k);
    }
    return [j, this.swaps === 0 ? 'increasing' : this.swaps === 12 ? 'decreasing' : 'unknown'];
  }

  private median(first: number, second: number, third: number): number {
    let [a, b] = this.ordered(first, second);
    let c = third;
    [b, c] = this.ordered(b, c);
    [a, b] = this.ordered(a, b);
    return b;
  }

  private ordered(a: number, b: number): [number, number] {
    if (!this.less(b, a)) return [a, b];
    this.swaps++;
    return [b, a];
  }

  private reverse(from: number, to: number): void {
    for (let i = from, j = to - 1; i < j; i++, j--) this.swap(i, j);
  }
}

function bitLength(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(value)) + 1;
}
