/** The candidate nearest to a misspelt word, where one is near enough to be meant: at most a third of its letters differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().replaceAll('_', '');
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The names most like one that was written, best first: near enough to be meant, or one contains the other. */
export function nearestNames(written: string, names: Iterable<string>, limit = 3): string[] {
  const wanted = written.toLowerCase();
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const name of new Set(names)) {
    const candidate = name.toLowerCase();
    const bound = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3)) + 1;
    const distance = editDistance(wanted, candidate, bound);
    const contained = wanted.length >= 3 && candidate.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
    if (distance < bound) scored.push({ name, score: distance });
    else if (contained) scored.push({ name, score: bound + Math.abs(candidate.length - wanted.length) });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map(({ name }) => name);
}

/** As `nearestNames`, of names that are written in several ways: what the spellings nearest to the written one stand for, each once. */
export function nearestMeant(written: string, meant: ReadonlyMap<string, string>, limit: number): string[] {
  return [...new Set(nearestNames(written, meant.keys(), limit).map((spelling) => meant.get(spelling) ?? spelling))];
}

/** Letters to insert, remove, replace or swap with the next one to get from one word to the other; `limit` where it is no less. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? limit;
}
