import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo, type FakeWorld } from '../../support/fake-io.ts';

const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: nowhere}}]}]}
`;
const files = {
  '/work/repository/.git/HEAD': '',
  '/work/m/route.yaml': route,
  '/work/m/text.yaml': 'a: [',
  '/work/m/field.yaml': route.replace('name: web', 'name: other').replace('http:', 'htttp:'),
  '/work/calls.mesh-test.yaml': 'requests: [{from: shop/web-0, to: "web:80", expect: {status: 200}}]\n',
  '/work/p.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web-0, namespace: shop}\nspec: {containers: [{name: a, image: a}]}\n',
};

async function call(line: string, world: FakeWorld = { files }) {
  const io = createFakeIo(world);
  const exitCode = await run(line.split(' '), io);
  return { exitCode, output: io.output(), lastLine: io.errors().trimEnd().split('\n').at(-1) };
}

describe('a command that fails says why in the last line on standard error', () => {
  test.each([
    ['analyze m/route.yaml -o github', 79, 'error: 1 finding is at or above the failure threshold (Error)'],
    ['analyze m/route.yaml m/field.yaml -o sarif=x', 79, 'error: 5 findings are at or above the failure threshold (Error)'],
    ['analyze m/text.yaml -o json', 65, 'error: 1 file or document could not be read; --ignore-unknown goes on without'],
    ['validate m/field.yaml p.yaml', 79, 'error: 1 of 2 files is not valid'],
    ['validate m/field.yaml m/text.yaml', 65, 'error: not everything could be read'],
    [
      'translate -f m',
      65,
      'error: There is 1 error in the input; nothing was computed. --keep-going goes on without these documents.',
    ],
    ['test -f p.yaml', 79, 'error: 1 of 1 requests did not end as expected'],
    ['test -f m/text.yaml', 65, 'error: not every table and its manifests could be read'],
  ])('mesh %s', async (line, exitCode, lastLine) => {
    expect(await call(line)).toMatchObject({ exitCode, lastLine });
  });

  test('and says nothing of it where all is well', async () => {
    for (const line of ['validate p.yaml', 'analyze p.yaml -o json', 'analyze m/route.yaml -o github -S IST0101=*']) {
      expect(await call(line), line).toMatchObject({ exitCode: 0, lastLine: '' });
    }
  });
});

describe('annotations name files from the root of the repository', () => {
  const annotated = async (world: Omit<FakeWorld, 'files'>, more: Readonly<Record<string, string>> = {}) =>
    (await call('analyze ./m/route.yaml -o github', { files: { ...files, ...more }, ...world })).output;

  test('which the job tells, where it runs within', async () => {
    expect(await annotated({ env: { GITHUB_WORKSPACE: '/' } })).toContain('file=work/m/route.yaml,');
    expect(await annotated({ env: { GITHUB_WORKSPACE: '/elsewhere' } })).toContain('file=m/route.yaml,');
  });

  test('or .git', async () => {
    expect(await annotated({}, { '/.git/HEAD': '' })).toContain('file=work/m/route.yaml,');
  });

  test('else from the current folder', async () => {
    expect(await annotated({})).toContain('file=m/route.yaml,');
  });
});
