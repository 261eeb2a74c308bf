/** Below this many nodes nearly all may come from aliases, above the other bound a tenth; goyaml.v2 decode.go allowedAliasRatio. */
const LOW = 400_000;
const HIGH = 4_000_000;
/** Chains of aliases can nest deeper than any text; what nests deeper than this is no manifest. */
const MAX_DEPTH = 1000;

function allowedRatio(nodes: number): number {
  if (nodes <= LOW) return 0.99;
  if (nodes >= HIGH) return 0.1;
  return 0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW));
}

/**
 * What is wrong with the aliases of a value, if anything: it contains itself, or it is small as written and huge when
 * expanded. Same bounds as Kubernetes' reader (goyaml.v2 decode.go). Shared parts are counted once per use, in time linear
 * in the text.
 */
export function aliasProblem(value: unknown): 'recursive' | 'excessive' | undefined {
  const sizes = new Map<object, number>();
  const inProgress = new Set<object>();
  let recursive = false;
  let tooDeep = false;
  let distinct = 0;

  const sizeOf = (node: unknown): number => {
    if (typeof node !== 'object' || node === null) return 1;
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (inProgress.has(node)) {
      recursive = true;
      return 1;
    }
    if (inProgress.size >= MAX_DEPTH) {
      tooDeep = true;
      return 1;
    }
    inProgress.add(node);
    let size = 1;
    const members = Array.isArray(node) ? node : Object.values(node);
    for (const member of members) {
      if (typeof member !== 'object' || member === null) distinct++;
      size += sizeOf(member);
    }
    distinct++;
    inProgress.delete(node);
    sizes.set(node, size);
    return size;
  };

  const expanded = sizeOf(value);
  if (recursive) return 'recursive';
  if (tooDeep) return 'excessive';
  const aliased = expanded - distinct;
  return aliased > 100 && expanded > 1000 && aliased / expanded > allowedRatio(expanded) ? 'excessive' : undefined;
}
