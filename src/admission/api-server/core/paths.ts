/** k8s.io/kubernetes pkg/apis/core/validation validateLocalDescendingPath: a path that stays below where it begins. */
export function pathProblems(path: string): readonly string[] {
  return [...(path.startsWith('/') ? ['must be a relative path'] : []), ...backstepProblems(path)];
}

/** validatePathNoBacksteps there. */
export function backstepProblems(path: string): readonly string[] {
  return path.split('/').includes('..') ? ["must not contain '..'"] : [];
}
