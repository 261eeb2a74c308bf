import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

const broken = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart.example.com]
  gateways: [nowhere]
  http:
  - route: [{destination: {host: cart}}]
`;
const hint = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';

async function analyze(args: readonly string[], files: Readonly<Record<string, string>>) {
  const io = createFakeIo({ files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text])) });
  const exitCode = await run(['analyze', ...args], io);
  return { exitCode, output: io.output(), errors: io.errors(), written: io.written() };
}

/** The codes of the findings. */
async function codes(args: readonly string[], files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { output } = await analyze(['-o', 'json', ...args], files);
  return JSON.parse(output).map(({ code }: { readonly code: string }) => code);
}

describe('exit status', () => {
  test.each(['text', 'log', 'json', 'yaml', 'sarif', 'junit', 'github', 'markdown'])('79 with -o %s', async (format) => {
    expect((await analyze(['-o', format, 'm.yaml'], { 'm.yaml': broken })).exitCode).toBe(79);
  });

  test('0 without errors, and a word about it', async () => {
    const { exitCode, output, errors } = await analyze(['m.yaml', '--output-threshold', 'Warning'], { 'm.yaml': hint });
    expect([exitCode, output, errors]).toEqual([0, '', 'No problems found in 1 file.\n']);
  });

  test('by --failure-threshold, whatever is printed', async () => {
    const args = ['--failure-threshold', 'INFO', '--output-threshold', 'error', 'm.yaml'];
    expect(await analyze(args, { 'm.yaml': hint })).toMatchObject({ exitCode: 79, output: '' });
  });

  test('65 for what cannot be read, unless it may be; findings go first', async () => {
    expect((await analyze(['m.yaml'], { 'm.yaml': '[' })).exitCode).toBe(65);
    expect((await analyze(['m.yaml'], { 'm.yaml': 'a: b' })).exitCode).toBe(65);
    expect((await analyze(['--ignore-unknown', 'm.yaml'], { 'm.yaml': '[' })).exitCode).toBe(0);
    expect((await analyze(['m.yaml', 'n.yaml'], { 'm.yaml': '[', 'n.yaml': broken })).exitCode).toBe(79);
  });

  test.each([
    ['an unknown format', ['-o', 'xml']],
    ['an unknown level', ['--failure-threshold', 'bad']],
    ['an unknown analyzer', ['--analyzer', 'gateway.SecretAnalyser']],
    ['a cluster', ['--use-kube=true']],
    ['both complete and partial', ['--assume-complete', '--partial']],
  ])('64 for %s', async (_, args) => {
    const { exitCode, errors } = await analyze([...args, 'm.yaml'], { 'm.yaml': hint });
    expect([exitCode, errors !== '']).toEqual([64, true]);
  });
});

describe('analyzers', () => {
  test('are listed', async () => {
    const { exitCode, output } = await analyze(['-L'], {});
    expect(exitCode).toBe(0);
    expect(output).toContain('* gateway.SecretAnalyzer:\n    ');
  });

  test('can be chosen; a wrong name gets the nearest', async () => {
    expect(await codes(['--analyzer', 'virtualservice.GatewayAnalyzer', 'm.yaml'], { 'm.yaml': broken })).toEqual([
      'IST0101',
      'IST0132',
    ]);
    const { errors } = await analyze(['--analyzer', 'gateway.SecretAnalyser', 'm.yaml'], { 'm.yaml': broken });
    expect(errors).toContain('gateway.SecretAnalyzer');
  });

  test('flags of istioctl that change nothing are taken', async () => {
    const args = ['-A', '--use-kube=false', '--recursive', '--color=false', 'm.yaml'];
    expect(await codes(args, { 'm.yaml': broken })).toContain('IST0132');
  });
});

describe('namespaces', () => {
  const unnamed = broken.replace(', namespace: shop', '');

  test('a resource without one is in "default", as in other commands', async () => {
    const { output } = await analyze(['-o', 'log', 'm.yaml'], { 'm.yaml': unnamed });
    expect(output).toContain('(VirtualService default/cart m.yaml:6)');
  });

  test('with -A a resource without one stays without one', async () => {
    const { output } = await analyze(['-A', '-o', 'log', 'm.yaml'], { 'm.yaml': unnamed });
    expect(output).toContain('(VirtualService cart m.yaml:6)');
  });

  test('with -n it gets that one, and others are left out', async () => {
    const { output } = await analyze(['-n', 'other', '-o', 'log', 'm.yaml', 'n.yaml'], { 'm.yaml': unnamed, 'n.yaml': broken });
    expect(output).toContain('(VirtualService other/cart m.yaml:6)');
    expect(output).not.toContain('shop/cart');
  });
});

describe('findings are left out', () => {
  const only = ['--analyzer', 'virtualservice.GatewayAnalyzer', 'm.yaml'];

  test.each(['IST0101=VirtualService cart.shop', 'IST0101=VirtualService *.shop', 'IST0101=VirtualService shop/c*', 'IST0101=*'])(
    'by --suppress %s',
    async (suppression) => {
      expect(await codes(['-S', suppression, ...only], { 'm.yaml': broken })).toEqual(['IST0132']);
    },
  );

  test('by --suppress only of the resource and code', async () => {
    const args = ['-S', 'IST0101=VirtualService x.shop', '-S', 'IST0102=VirtualService *', ...only];
    expect(await codes(args, { 'm.yaml': broken })).toEqual(['IST0101', 'IST0132']);
  });

  test('by the annotation of the resource', async () => {
    const annotated = (list: string): string =>
      broken.replace('namespace: shop', `namespace: shop, annotations: {galley.istio.io/analyze-suppress: "${list}"}`);
    expect(await codes(only, { 'm.yaml': annotated('IST0101,IST0109') })).toEqual(['IST0132']);
    expect(await codes(only, { 'm.yaml': annotated('*') })).toEqual([]);
  });

  test('by a comment at the line or before it', async () => {
    const beside = broken.replace('[nowhere]', '[nowhere] # mesh-ignore IST0101: made elsewhere');
    const before = broken.replace('  gateways', '  # mesh-ignore IST0101, IST0132: made elsewhere\n  gateways');
    const elsewhere = broken.replace('http:', 'http: # mesh-ignore IST0101: made elsewhere');
    expect(await codes(only, { 'm.yaml': beside })).toEqual(['IST0132']);
    expect(await codes(only, { 'm.yaml': before })).toEqual([]);
    expect(await codes(only, { 'm.yaml': elsewhere })).toEqual(['IST0101', 'IST0132']);
  });

  test('by a baseline, which lines that move do not outdate', async () => {
    const { exitCode, written } = await analyze(['--write-baseline', 'known.json', ...only], { 'm.yaml': broken });
    const known = written['/work/known.json'] ?? '';
    expect([exitCode, JSON.parse(known).findings.length]).toEqual([0, 2]);
    const moved = `# a comment\n${broken}`;
    expect(await codes(['--baseline', 'known.json', ...only], { 'm.yaml': moved, 'known.json': known })).toEqual([]);
    const more = broken.replace('[nowhere]', '[nowhere, either]');
    expect(await codes(['--baseline', 'known.json', ...only], { 'm.yaml': more, 'known.json': known })).toEqual([
      'IST0101',
      'IST0132',
    ]);
    expect((await analyze(['--baseline', 'm.yaml', ...only], { 'm.yaml': broken })).exitCode).toBe(65);
  });
});

describe('outputs', () => {
  test('several at once, into files and to standard output', async () => {
    const args = ['-o', 'log', '-o', 'sarif=out/a.sarif', '-o', 'junit=out/a.xml', 'm.yaml'];
    const { output, written } = await analyze(args, { 'm.yaml': broken });
    expect(output).toContain('Error [IST0101]');
    expect(Object.keys(written)).toEqual(['/work/out/a.sarif', '/work/out/a.xml']);
    expect(JSON.parse(written['/work/out/a.sarif'] ?? '').version).toBe('2.1.0');
  });

  test('with every analyzer, JSON comes in the order of istioctl: level, code, resource', async () => {
    const found = await codes(['m.yaml', 'n.yaml'], { 'm.yaml': broken, 'n.yaml': hint });
    expect(found).toEqual(['IST0101', 'IST0101', 'IST0132', 'IST0102']);
  });
});
