import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../src/cli/main.ts';
import type { Graph } from '../src/operations/reachability/graph.ts';
import { formatGraphHtml } from '../src/output/graph/html.ts';
import { fixture } from './support/diff.ts';
import { createFakeIo } from './support/fake-io.ts';

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/** The page as a browser has it after its program ran. */
async function show(folder: string, html: string, suffix = ''): Promise<string> {
  writeFileSync(join(folder, 'page.html'), html);
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const quiet = [
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${join(folder, 'profile')}`,
    '--window-size=1300,800',
  ];
  const { stdout } = await promisify(execFile)(
    browser ?? '',
    [...flags, ...quiet, '--virtual-time-budget=2000', '--dump-dom', `file://${join(folder, 'page.html')}${suffix}`],
    { timeout: 60_000, maxBuffer: 1 << 26 },
  );
  return stdout;
}

describe('the page of mesh graph', () => {
  test('loads nothing from anywhere, and data cannot end its script', () => {
    const node = { id: 'a/</script><b>', namespace: 'a', name: '</script><b>', kind: 'workload', pods: 1 } as const;
    const html = formatGraphHtml({ nodes: [node], edges: [] }, () => ({
      title: '</title><b>',
      places: { parties: {}, policies: {} },
    }));
    expect(html).toContain('<title>Who can call whom: &#60;/title');
    expect(html).toContain("default-src 'none'");
    expect(html.match(/(src|href)=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect((JSON.parse(data) as Graph).nodes).toEqual([node]);
  });

  describe('says what it is of, and where parties and policies are written', () => {
    const page = async (...flags: readonly string[]): Promise<string> => {
      const manifests = Object.entries(fixture('operations')).map(([name, text]) => [`/work/m/${name}`, text]);
      const io = createFakeIo({ files: Object.fromEntries([...manifests, ['/work/mesh.config.yaml', 'manifests: m\n']]) });
      expect([await run(['graph', ...flags, '-o', 'html'], io), io.errors()]).toEqual([0, '']);
      return io.output();
    };
    const titleOf = async (...flags: readonly string[]) => /<title>(.*)<\/title>/.exec(await page(...flags))?.[1];

    test('by the files that are named, the folder, or a title', async () => {
      expect(await titleOf('-f', 'm')).toBe('Who can call whom: m');
      expect(await titleOf()).toBe('Who can call whom: work');
      expect(await titleOf('--title', 'Shop & more')).toBe('Who can call whom: Shop &#38; more');
    });

    test('by file and line', async () => {
      const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(await page())?.[1] ?? '';
      const { places } = JSON.parse(data);
      expect(places.parties['foo/reviews-v1']).toMatch(/^m\/workloads\.yaml:\d+$/);
      expect(places.parties).not.toHaveProperty('outside');
      expect(places.policies).toEqual({
        'admin/deny-all': expect.stringMatching(/^m\/policies\.yaml:\d+$/),
        'default/allow-all': expect.stringMatching(/^m\/policies\.yaml:\d+$/),
        'foo/reviews-callers': expect.stringMatching(/^m\/policies\.yaml:\d+$/),
      });
    });
  });

  if (browser === undefined) {
    test.skip('draws in a browser (skipped: no Chromium here; Debian has it as the package chromium)', () => {});
    return;
  }

  let folder = '';
  let html = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mesh-page-'));
    const manifests = Object.entries(fixture('operations')).map(([name, text]) => [`/work/m/${name}`, text]);
    const io = createFakeIo({ files: Object.fromEntries(manifests) });
    await run(['graph', '-f', 'm', '-o', 'html'], io);
    html = io.output();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('draws a node for each party, a line for each pair, and a box for each namespace', async () => {
    const dom = await show(folder, html);
    expect(dom).toContain('data-ready="true"');
    expect(dom.match(/class="node /g)).toHaveLength(9);
    expect(dom.match(/class="box"/g)).toHaveLength(4);
    expect(dom).toContain('data-from="default/sleep" data-to="foo/reviews-v1"');
    expect(dom).not.toContain('NaN');
  }, 90_000);

  test('opens at a workload, with its ways and who decides', async () => {
    const dom = await show(folder, html, '#foo%2Freviews-v1');
    const details = /<aside[\s\S]*<\/aside>/.exec(dom)?.[0] ?? '';
    expect(details).toContain('Called by (5)');
    expect(details).toContain('not allowed by foo/reviews-callers');
    expect(details).toMatch(/foo\/reviews-callers: <code>m\/policies\.yaml:\d+<\/code>/);
    expect(details).toMatch(/<code>m\/workloads\.yaml:\d+<\/code>/);
    expect(dom).toContain('class="focused"');
  }, 90_000);

  test('shows the matrix, dark', async () => {
    const dom = await show(folder, html, '?view=matrix&theme=dark');
    expect(dom).toContain('data-theme="dark"');
    const matrix = /<div class="matrix" id="matrix">[\s\S]*?<\/table>/.exec(dom)?.[0] ?? '';
    expect(matrix.match(/<tr>/g)).toHaveLength(9);
    expect(matrix.match(/class="full"/g)?.length).toBeGreaterThan(25);
  }, 90_000);
});
