import { describe, expect, test } from 'vitest';
import { sharedByReads, type Twin } from '../../../src/util/shared-by-reads.ts';

/** Somebody who has a name and labels. */
interface Client {
  name(): string;
  label(key: string): string | undefined;
}

const twin: Twin<Client> = (noting) => ({
  name: noting('name', (client) => client.name()),
  label: noting('label', (client, key: string) => client.label(key)),
});

const client = (name: string, labels: Record<string, string> = {}): Client => ({
  name: () => name,
  label: (key) => labels[key],
});

/** Counts how often something is built. */
function counting<A extends readonly unknown[], R>(build: (of: Client, ...args: A) => R) {
  const calls: string[] = [];
  const shared = sharedByReads(twin, (of: Client, ...args: A) => {
    calls.push(args.join());
    return build(of, ...args);
  });
  return { shared, count: () => calls.length };
}

describe('sharing by what is read', () => {
  test('clients share what none of their answers went into', () => {
    const { shared, count } = counting(() => ({}));
    expect(shared(client('a'))).toBe(shared(client('b')));
    expect(count()).toBe(1);
  });

  test('clients with the same answers share, others do not', () => {
    const { shared } = counting((of) => ({ version: of.label('version') }));
    const [first, same, other] = [
      shared(client('a', { version: 'v1', app: 'x' })),
      shared(client('b', { version: 'v1', app: 'y' })),
      shared(client('c', { version: 'v2' })),
    ];
    expect(same).toBe(first);
    expect(other).toEqual({ version: 'v2' });
  });

  test('what is asked can depend on earlier answers', () => {
    const { shared, count } = counting((of) => (of.label('app') === 'x' ? `x ${of.label('version')}` : 'other'));
    const all = [
      client('a', { app: 'x', version: 'v1' }),
      client('b', { app: 'y', version: 'v1' }),
      client('c', { app: 'y', version: 'v2' }),
      client('d', { app: 'x', version: 'v2' }),
      client('e', { app: 'x', version: 'v1' }),
    ];
    expect(all.map((of) => shared(of))).toEqual(['x v1', 'other', 'other', 'x v2', 'x v1']);
    expect(count()).toBe(3);
  });

  test('other arguments count by identity', () => {
    const { shared, count } = counting((of, place: { readonly port: number }) => `${of.name()}:${place.port}`);
    const place = { port: 80 };
    expect(shared(client('a'), place)).toBe('a:80');
    expect(shared(client('a'), place)).toBe('a:80');
    expect(shared(client('a'), { port: 80 })).toBe('a:80');
    expect(count()).toBe(2);
  });

  test('what an inner builder asks is part of the key of the outer one, also when its result is known', () => {
    const inner = counting((of, key: string) => `${key}=${of.label(key)}`);
    const outer = counting((of, key: string) => [inner.shared(of, key)]);
    const [a, b] = [client('a', { app: 'x' }), client('b', { app: 'y' })];
    inner.shared(a, 'app');
    expect([a, b, client('c', { app: 'x' })].map((of) => outer.shared(of, 'app'))).toEqual([['app=x'], ['app=y'], ['app=x']]);
    expect([outer.count(), inner.count()]).toEqual([2, 2]);
  });

  test('a question that is asked too late is a bug, not a wrong result', () => {
    const { shared } = counting((of) => () => of.name());
    expect(() => shared(client('a'))()).toThrow('"name" is asked when its answer cannot be noted any more');
  });

  test('a builder that does not always ask the same first is a bug, not a wrong result', () => {
    const order = ['name', 'label'];
    const { shared } = counting((of) => (order.shift() === 'name' ? of.name() + of.label('a') : of.label('a') + of.name()));
    shared(client('a'));
    expect(() => shared(client('b'))).toThrow('"label" is asked where "name" was asked before');
  });
});
