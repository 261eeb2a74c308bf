import { CelList, CelMap, type CelResult, Failure } from './values.ts';

/** `left == right`: numbers of all types are compared by value, sets and lists with keys in whatever order. */
export function isEqual(left: CelResult, right: CelResult): boolean | Failure {
  if (left instanceof Failure) return left;
  if (right instanceof Failure) return right;
  if (left instanceof CelList && right instanceof CelList) return areEqualLists(left, right);
  if (left instanceof CelMap && right instanceof CelMap) return areEqualMaps(left, right);
  return left === right;
}

/** As unstructuredList, unstructuredSetList and unstructuredMapList of k8s.io/apiserver pkg/cel/common compare: by the type of the left. */
function areEqualLists(left: CelList, right: CelList): boolean | Failure {
  if (left.elements.length !== right.elements.length) return false;
  if (left.shape.type === 'set') return all(right.elements, (element) => contains(left, element));
  if (left.shape.type === 'map') return all(right.elements, (element) => isEqual(withKeysOf(element, left), element));
  return all(left.elements.entries(), ([index, element]) => isEqual(element, right.elements[index] ?? null));
}

/** `element in list`. */
export function contains(list: CelList, sought: CelResult): boolean | Failure {
  if (sought instanceof Failure) return sought;
  let failure: Failure | undefined;
  for (const element of list.elements) {
    const found = isEqual(element, sought);
    if (found === true) return true;
    if (found instanceof Failure) failure ??= found;
  }
  return failure ?? false;
}

/** The element of a list that has the same keys. */
function withKeysOf(sought: CelResult, list: CelList): CelResult {
  const hasItsKeys = (element: CelResult): boolean =>
    element instanceof CelMap &&
    sought instanceof CelMap &&
    list.shape.keys.every((key) => (element.find(key) ?? null) === (sought.find(key) ?? null));
  return list.elements.find(hasItsKeys) ?? null;
}

function areEqualMaps(left: CelMap, right: CelMap): boolean | Failure {
  const keys = left.keys();
  if (keys.length !== right.keys().length) return false;
  return all(keys, (key) => isEqual(left.find(key) ?? null, right.find(key) ?? null));
}

function all<T>(items: Iterable<T>, holds: (item: T) => boolean | Failure): boolean | Failure {
  for (const item of items) {
    const holding = holds(item);
    if (holding !== true) return holding;
  }
  return true;
}
