import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/diagnostics/user-error.ts';
import { findProxy, podNamedBy } from '../../../src/workbench/pods.ts';

const pods = [
  { name: 'reviews-v1-0', namespace: 'default', workloadName: 'reviews-v1' },
  { name: 'reviews-v1-1', namespace: 'default', workloadName: 'reviews-v1' },
  { name: 'reviews-v1-0', namespace: 'bookinfo', workloadName: 'reviews-v1' },
  { name: 'ratings', namespace: 'bookinfo', workloadName: 'ratings-v1' },
  { name: 'nightly', namespace: 'jobs', workloadName: 'nightly' },
];

function named(text: string): string | undefined {
  const pod = podNamedBy(text, pods, 'default');
  return pod && `${pod.namespace}/${pod.name}`;
}

describe('names of pods on the command line', () => {
  test.each([
    ['reviews-v1-1', 'default/reviews-v1-1'],
    ['reviews-v1-0.bookinfo', 'bookinfo/reviews-v1-0'],
    ['bookinfo/reviews-v1-0', 'bookinfo/reviews-v1-0'],
    ['pod/reviews-v1-0.bookinfo', 'bookinfo/reviews-v1-0'],
    ['deployment/reviews-v1', 'default/reviews-v1-0'],
    ['deploy/ratings-v1.bookinfo', 'bookinfo/ratings'],
    ['jobs/nightly', 'jobs/nightly'],
  ])('%s is %s', (text, expected) => {
    expect(named(text)).toBe(expected);
  });

  test('the bare name of a workload stands for its first pod, with a namespace as well', () => {
    expect(named('reviews-v1')).toBe('default/reviews-v1-0');
    expect(named('bookinfo/ratings-v1')).toBe('bookinfo/ratings');
  });

  test('a namespace that is named is the only one that is searched', () => {
    expect(named('nosuchns/reviews-v1')).toBeUndefined();
    expect(named('ratings')).toBeUndefined();
  });

  test('a pod is no deployment, and a deployment no pod', () => {
    expect(named('deployment/ratings.bookinfo')).toBeUndefined();
    expect(named('pod/reviews-v1')).toBeUndefined();
  });

  test('what is not found is a mistake of usage that names the nearest', () => {
    expect(() => findProxy('nosuchns/reviews-v1-0', pods, () => [], 'default')).toThrow(UserError);
    expect(() => findProxy('bookinfo/raitings', pods, () => [], 'default')).toThrow('did you mean bookinfo/ratings?');
  });
});
