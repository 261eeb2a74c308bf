import { describe, expect, test } from 'vitest';
import type { DiffReport, Doubt, RequestChange, RequestClient } from '../../../src/operations/diff/report.ts';
import { formatDiffJson } from '../../../src/output/diff/json.ts';
import { formatDiffMarkdown } from '../../../src/output/diff/markdown.ts';
import { shortenList } from '../../../src/output/diff/shorten-list.ts';
import { formatDiffText } from '../../../src/output/diff/text.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const pods = (count: number): readonly string[] => numbers(count).map((number) => `shop/cart-${number}`);
const clients = (count: number): readonly RequestClient[] => pods(count).map((workload) => ({ kind: 'workload', workload }));

/** A change of all requests to one service. */
const change = (service: number, callers: number, status: number): RequestChange => ({
  requests: [{ method: 'GET', url: `http://svc-${service}:8080/`, headers: [] }],
  from: clients(callers),
  differences: { status: [[{ value: 200, share: 1 }], [{ value: status, share: 1 }]] },
});

const notAsked = (service: number, callers: number): readonly Doubt[] =>
  clients(callers).map((from) => ({ from, to: `svc-${service}:8080`, because: 'not looked at', after: 1_000 }));

/** A mesh of so many services, each changed by an edit of its own and asked by as many callers. */
function report(services: number): DiffReport {
  const all = numbers(services);
  return {
    before: 'old',
    after: 'new',
    proxies: { added: pods(services), removed: [], changed: pods(services), unchanged: 0 },
    causes: all.map((service) => ({
      causes: [
        {
          kind: 'Service',
          namespace: 'shop',
          name: `svc-${service}`,
          change: 'changed',
          file: 'svc.yaml',
          line: service + 1,
          edits: [
            { kind: 'changed', where: 'spec.ports[0].name', before: 'http', after: 'web', file: 'svc.yaml', line: service + 1 },
          ],
        },
      ],
      groups: [
        {
          proxies: pods(services),
          changes: all.map((other) => ({
            kind: 'removed',
            type: 'clusters',
            resource: `outbound|8080||svc-${other}`,
            where: '',
            path: [],
          })),
        },
      ],
    })),
    requests: {
      changed: [...all.map((service) => change(service, services, 404)), change(services, 1, 503)],
      tried: 2 * services,
      isCut: false,
      proof: {
        classes: 1_000,
        assumptions: [],
        doubts: all.flatMap((service) => notAsked(service, services)),
        underLoad: all.map((service) => ({
          from: { kind: 'workload', workload: 'shop/cart-0' },
          to: `svc-${service}:8080`,
          what: ['retries'],
          request: { method: 'GET', url: `http://svc-${service}:8080/`, headers: [] },
        })),
        unasked: [],
      },
    },
    findings: {
      introduced: all.map((service) => ({
        code: 'IST0118',
        severity: 'info',
        message: `port of svc-${service}`,
        location: { file: 'svc.yaml', line: service + 1, column: 1 },
      })),
      fixed: [],
      unchanged: 0,
    },
  };
}

describe('a comparison of a large mesh', () => {
  const [text, markdown] = [String(formatDiffText(report(100))), String(formatDiffMarkdown(report(100), true))];

  test('names the first proxies and clients and counts the others', () => {
    expect(text).toContain('\n  100 proxies: shop/cart-0, shop/cart-1, shop/cart-2, shop/cart-3, shop/cart-4 and 95 more\n');
    expect(text).toContain('\n    from shop/cart-0, shop/cart-1, shop/cart-2, shop/cart-3, shop/cart-4 and 95 more\n');
    expect(text).toContain('+ proxy shop/cart-4\n+ 95 more proxies\n');
    expect(markdown).toContain('- proxy `shop/cart-4` comes\n- 95 more proxies come\n');
    expect(markdown).toContain('`shop/cart-4` and 95 more |');
    expect(markdown).toContain('\n# shop/cart-0, shop/cart-1, shop/cart-2, shop/cart-3, shop/cart-4 and 95 more\n');
  });

  test('tells the first of equal edits, changes and findings, and how many are like them', () => {
    expect(text).toContain('Service shop/svc-2 changed (svc.yaml:3)\n');
    expect(text).toContain(
      '\n97 more alike in 100 proxies: Service shop/svc-3 changed (svc.yaml:4), Service shop/svc-4 changed (svc.yaml:5), Service shop/svc-5 changed (svc.yaml:6) and 94 more\n',
    );
    expect(text).toContain('    - cluster outbound|8080||svc-9\n    - and 90 more like these\n');
    expect(text).toContain('  + 80 more findings of IST0118\n');
    expect(markdown).toContain('- 80 more findings of IST0118');
  });

  test('tells a rare change beside many that are alike', () => {
    expect(text).toContain('  97 more alike, of requests to svc-3:8080, svc-4:8080, svc-5:8080 and 94 more\n');
    expect(text).toContain('    status: 200 -> 503\n');
    expect(markdown).toContain('| 97 more alike, of requests to svc-3:8080, svc-4:8080, svc-5:8080 and 94 more | | |\n');
    expect(markdown).toContain('status: `200` → `503`');
  });

  test('names places of which nothing is proven together', () => {
    expect(text).toContain(
      'Not proven for svc-0:8080, svc-1:8080, svc-2:8080 and 97 more from shop/cart-0, shop/cart-1, shop/cart-2 and 97 more: not looked at, after 1000 classes of requests elsewhere\n',
    );
    expect(text).toContain(
      'Not proven for svc-0:8080, svc-1:8080, svc-2:8080 and 97 more from shop/cart-0 where servers fail or are overloaded: requests such as GET http://svc-0:8080/ meet other retries\n',
    );
  });

  test('fits into a comment of a pull request, and JSON has all of it', () => {
    expect(text.split('\n').length).toBeLessThan(120);
    expect(markdown.length).toBeLessThan(20_000);
    const json = JSON.parse(String(formatDiffJson(report(100))));
    expect(json.causes).toHaveLength(100);
    expect(json.causes[0].groups[0].proxies).toHaveLength(100);
    expect(json.requests.changed).toHaveLength(101);
    expect(json.requests.changed[0].from).toHaveLength(100);
    expect(json.requests.notes.filter((note: string) => note.includes('not looked at'))).toHaveLength(100);
    expect(json.findings.introduced).toHaveLength(100);
  });
});

test('a comparison of a small mesh is told whole', () => {
  const text = String(formatDiffText(report(6)));
  expect(text.split('\n').filter((line) => line.includes(' more') && !line.startsWith('Not proven'))).toEqual([]);
  for (const name of pods(6)) expect(text).toContain(`+ proxy ${name}\n`);
  for (const service of numbers(6)) {
    expect(text).toContain(`Service shop/svc-${service} changed (svc.yaml:${service + 1})\n`);
    expect(text).toContain(
      `Not proven for svc-${service}:8080 from shop/cart-0, shop/cart-1, shop/cart-2 and 3 more: not looked at, after 1000 classes`,
    );
  }
});

test('of more kinds than are told the rest is counted together', () => {
  const entries = shortenList(numbers(30), 10, (number) => `${number % 15}`);
  expect(entries.map(({ told }) => told.length)).toEqual([...numbers(10).map(() => 1), 0]);
  expect(entries.at(-1)?.others).toHaveLength(10);
});
