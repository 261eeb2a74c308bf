import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const bin = join(root, 'bin/mesh.js');
let folder = '';

beforeAll(() => {
  if (!existsSync(join(root, 'dist/cli/main.cjs'))) execFileSync('npm', ['run', '-s', 'build'], { cwd: root });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-world-'));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const pod = (name: string, namespace = 'shop'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {containers: [{name: app, image: app}]}\n`;

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
}

interface Options {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
}

/** Runs the program in the folder; a trace of ours in its talk is never right. */
function mesh(args: readonly string[], { input = '', env = {}, cwd = folder, uid }: Options = {}) {
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    input,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 30_000,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  expect(stderr).not.toMatch(/^ {4}at |node:internal/m);
  expect(signal).toBeNull();
  return { status, stdout, stderr };
}

/** Runs a line of the shell, in which `mesh` is the program. */
function shell(line: string) {
  const script = `mesh() { "${process.execPath}" "${bin}" "$@"; }\n${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
  expect(stderr).not.toMatch(/^ {4}at |node:internal/m);
  return { status, stdout, stderr };
}

describe('what is written', () => {
  test('stays in its folder, whatever the objects are called', () => {
    write('m/evil.yaml', pod('evil', '../../x'));
    mesh(['translate', '-f', 'm', '--out-dir', 'a/b/out']);
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('evil'));
    expect(found.filter((name) => name !== 'm/evil.yaml' && !name.startsWith('a/b/out/'))).toEqual([]);
  });

  test('has a name that fits, also for the longest name of a pod', () => {
    write('m/long.yaml', pod('x'.repeat(253)));
    expect(mesh(['translate', '-f', 'm', '--out-dir', 'out'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(folder, 'out'))).toEqual([expect.stringMatching(/^shop\.x+_[0-9a-f]{20}\.json$/)]);
  });

  test('is nothing when a folder is in the way of one of the files', () => {
    write('m/pods.yaml', `${pod('aa')}---\n${pod('bb')}`);
    write('out/shop.aa.json', 'OLD');
    mkdirSync(join(folder, 'out/shop.bb.json'));
    expect(mesh(['translate', '-f', 'm', '--out-dir', 'out'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: cannot write to out/shop.bb.json: a folder of that name is in the way\n',
    });
    expect(readFileSync(join(folder, 'out/shop.aa.json'), 'utf8')).toBe('OLD');
    expect(readdirSync(join(folder, 'out'))).toEqual(['shop.aa.json', 'shop.bb.json']);
  });

  test.each([
    [['translate', '-f', 'm', '--out-dir', '/proc/x'], 'error: cannot write to /proc/x: /proc takes no new folders\n'],
    [['analyze', 'm', '-o', 'sarif=/proc/1/x.sarif'], 'error: cannot write to /proc/1/x.sarif: '],
    [['analyze', 'm', '--write-baseline', '/proc/1/x'], 'error: cannot write to /proc/1/x: '],
    [['analyze', 'm', '-o', 'json=/dev/full'], 'error: cannot write to /dev/full: the disk is full\n'],
  ])('is told to be impossible: %s', (args, message) => {
    write('m/pod.yaml', pod('web'));
    const { status, stderr } = mesh(args);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  test('to a full standard output is a failure that is told', () => {
    write('m/pod.yaml', pod('web'));
    for (const command of ['translate -f m', 'analyze m -o json', 'proxy-config clusters web.shop -f m', 'version', '--help']) {
      expect([command, shell(`mesh ${command} > /dev/full`)]).toEqual([
        command,
        { status: 1, stdout: '', stderr: expect.stringMatching(/^error: cannot write to standard output: the disk is full\n$/m) },
      ]);
    }
  });

  test('leaves nothing behind when the disk takes no more', () => {
    write('m/pods.yaml', `${pod('aa')}---\n${pod('bb')}`);
    write('out/shop.aa.json', 'OLD');
    const limited = shell('ulimit -f 4; mesh translate -f m --out-dir out; echo $?; mesh analyze m -o json=new/f.json; echo $?');
    expect(limited.stdout).toMatch(/^1\n/);
    expect(limited.stderr).toContain('error: cannot write to out: it would become too large for the limit that is set\n');
    expect(readdirSync(join(folder, 'out'))).toEqual(['shop.aa.json']);
    expect(readFileSync(join(folder, 'out/shop.aa.json'), 'utf8')).toBe('OLD');
  });

  test('goes through links and to streams that are named', () => {
    write('m/pod.yaml', pod('web'));
    const { status, stdout } = mesh(['analyze', 'm', '-o', 'json=/dev/stdout']);
    expect([status, Array.isArray(JSON.parse(stdout))]).toEqual([0, true]);
    expect(shell('mesh analyze m -o json=/dev/stdout > new.json; cat new.json').stdout).toBe(stdout);
    expect(shell('mesh analyze m -o json=>(head -c 1)')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a signal', () => {
  test.each([
    ['SIGINT', false],
    ['SIGTERM', false],
    ['SIGTERM', true],
  ] as const)('%s leaves the folder as it was (there before: %s)', async (signal, existed) => {
    const replicas = Array.from({ length: 3000 }, (_, index) => pod(`web-${index}`)).join('---\n');
    write('m/pods.yaml', replicas);
    const out = join(folder, 'out');
    if (existed) write('out/shop.web-0.json', 'OLD');
    const child = spawn(process.execPath, [bin, 'translate', '-f', 'm', '--out-dir', 'out'], { cwd: folder, stdio: 'ignore' });
    const ended = new Promise<NodeJS.Signals | number | null>((done) => child.on('close', (code, by) => done(by ?? code)));
    const isWriting = (): boolean =>
      existsSync(out) && readdirSync(out, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('new-5'));
    while (!isWriting()) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    expect(await ended).toBe(signal);
    if (existed)
      expect([readdirSync(out), readFileSync(join(out, 'shop.web-0.json'), 'utf8')]).toEqual([['shop.web-0.json'], 'OLD']);
    else expect(existsSync(out)).toBe(false);
  });
});

describe('what is read', () => {
  test.each([
    'analyze -',
    'validate -',
    'translate -f -',
    'analyze -f m --mesh-config -',
    'proxy-config clusters -f -',
    'drift -',
  ])('mesh %s says what is wrong with standard input', (command) => {
    write('m/pod.yaml', pod('web'));
    const bad = mesh(command.split(' '), { input: Buffer.from([0x61, 0x3a, 0x0a, 0xff]) });
    expect(bad.status).toBe(65);
    expect(bad.stdout + bad.stderr).toContain('it is not UTF-8 text (byte 0xff in line 2)');
    const closed = shell(`mesh ${command} < /`);
    expect(closed.status).toBe(65);
    expect(closed.stdout + closed.stderr).toContain('it is a folder');
  });

  test('standard input is for one flag only', () => {
    const { status, stderr } = mesh(['translate', '-f', '-', '--mesh-config', '-'], { input: pod('web') });
    expect(status).toBe(65);
    expect(stderr).toContain('cannot read standard input: it was read already; only one `-` can be given');
  });

  test('a file that is no text is told with the place', () => {
    write('m/x.yaml', Buffer.from([0x61, 0x0a, 0x62, 0x80]));
    const { status, stdout } = mesh(['analyze', 'm']);
    expect(stdout).toContain('m/x.yaml:2:2: error [MESH0001] cannot read m/x.yaml: it is not UTF-8 text (byte 0x80 in line 2)');
    expect(status).toBe(65);
  });

  test('a link out of the folder shows nothing of what it leads to', () => {
    mkdirSync(join(folder, 'm'));
    symlinkSync('/proc/self/environ', join(folder, 'm/x.yaml'));
    symlinkSync('/proc/self/environ', join(folder, 'm/x.mesh-test.yaml'));
    const commands = ['analyze m', 'analyze m/*.yaml', 'validate m', 'translate -f m', 'test m', 'analyze m/x.yaml', 'diff m m'];
    for (const command of commands) {
      const { status, stdout, stderr } = mesh(command.split(' '), { env: { TOKEN: 'SECRET' } });
      expect([command, stdout + stderr]).toEqual([command, expect.not.stringContaining('SECRET')]);
      const word = command === 'analyze m/x.yaml' ? 'not valid YAML' : 'yaml is a link to /proc/';
      expect([command, status, stdout + stderr]).toEqual([command, expect.anything(), expect.stringContaining(word)]);
    }
  });

  test.each(['a file', 'a link to it'])(
    'what a link out of the folder leads to is not quoted, even where its words are plain: %s',
    (what) => {
      write('elsewhere/notes', 'the password is hunter2: {\n}}\n');
      mkdirSync(join(folder, 'm'));
      if (what === 'a file') write('m/x.yaml', 'the password is hunter2: {\n}}\n');
      else symlinkSync('../elsewhere/notes', join(folder, 'm/x.yaml'));
      const { stdout } = mesh(['analyze', 'm/x.yaml']);
      expect(stdout).toContain('m/x.yaml:2:2: error [MESH0003] not valid YAML');
      expect(stdout.includes('}}')).toBe(what === 'a file');
    },
  );

  test('a mesh.config.yaml that is a link out of its folder is told of, not read', () => {
    write('elsewhere/notes', 'the password is hunter2: {\n}}\n');
    write('project/manifests/pod.yaml', pod('web'));
    symlinkSync('../elsewhere/notes', join(folder, 'project/mesh.config.yaml'));
    const { status, stdout, stderr } = mesh(['analyze'], { cwd: join(folder, 'project') });
    expect(status).toBe(65);
    expect(stdout + stderr).toMatch(
      /^error: mesh\.config\.yaml is a link to \S+elsewhere\/notes, out of its folder: put the file itself there\n$/,
    );
  });

  test('one that is a link within its folder is read', () => {
    write('project/settings/mesh.yaml', 'manifests: settings/m\n');
    write('project/settings/m/pod.yaml', pod('web'));
    symlinkSync('settings/mesh.yaml', join(folder, 'project/mesh.config.yaml'));
    expect(mesh(['validate'], { cwd: join(folder, 'project') }).stdout).toBe('settings/m/pod.yaml is valid\n');
  });

  test('a pipe in a folder keeps nobody waiting, one that is named is read', () => {
    write('m/pod.yaml', pod('web'));
    execFileSync('mkfifo', [join(folder, 'm/pipe.yaml')]);
    symlinkSync('pipe.yaml', join(folder, 'm/link.yaml'));
    expect(mesh(['validate', 'm']).stdout).toMatch(/^m\/pod\.yaml is valid\n$/m);
    expect(shell('mesh validate <(cat m/pod.yaml)').stdout).toMatch(/^\/dev\/fd\/\d+ is valid\n$/m);
  });

  test('from a folder that is gone, by absolute paths', () => {
    write('m/pod.yaml', pod('web'));
    expect(shell(`mkdir gone; cd gone; rmdir ../gone; mesh validate "${folder}/m" && mesh translate -f m`)).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('error [MESH0001] cannot read m: no such file or folder'),
    });
  });

  test('a revision where there is no repository', () => {
    write('m/pod.yaml', pod('web'));
    const { status, stderr } = mesh(['diff', 'HEAD:m', 'm'], { env: { GIT_CEILING_DIRECTORIES: tmpdir() } });
    expect(status).toBe(65);
    expect(stderr).toContain('error: HEAD:m cannot be compared: this folder is in no git repository\n');
    const without = mesh(['diff', 'HEAD:m', 'm'], { env: { PATH: '/nowhere' } });
    expect(without.stderr).toContain('error: HEAD:m cannot be compared: git is not installed\n');
  });
});

describe('what one may not read or write', () => {
  // root may do anything; then somebody else tries, if the program can be run by others at all.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const canRun = (): boolean =>
    spawnSync(process.execPath, [bin, 'version'], uid === undefined ? {} : { uid, gid: uid, cwd: '/' }).status === 0;
  const close = (...names: readonly string[]): void => {
    for (const name of names) chmodSync(join(folder, name), uid === undefined ? 0 : 0o700);
  };

  test('is told in a sentence', (context) => {
    if (!canRun()) context.skip();
    write('m/pod.yaml', pod('web'));
    write('m/calls.mesh-test.yaml', 'requests: []\n');
    write('m/closed/x.yaml', pod('x'));
    write('closed.yaml', pod('y'));
    close('m/closed', 'closed.yaml');
    const run = (...args: readonly string[]) => mesh(args, uid === undefined ? {} : { uid });

    const table = run('test', 'm', '-f', 'm/pod.yaml');
    expect([table.status, table.stderr]).toEqual([
      65,
      'error [MESH0001] cannot read m/closed: permission denied\nerror: not every table and its manifests could be read\n',
    ]);
    expect(run('analyze', 'm')).toMatchObject({
      status: 65,
      stdout: expect.stringContaining('cannot read m/closed: permission denied'),
    });
    expect(run('validate', 'closed.yaml')).toMatchObject({ status: 65, stderr: expect.stringContaining('permission denied') });
    expect(run('analyze', 'm/pod.yaml', '--baseline', 'closed.yaml').status).toBe(65);
    if (uid === undefined) return;
    for (const args of [
      ['translate', '-f', 'm/pod.yaml', '--out-dir', 'out'],
      ['analyze', 'm/pod.yaml', '-o', 'json=x.json'],
      ['analyze', 'm/pod.yaml', '--write-baseline', 'x.json'],
    ]) {
      expect(run(...args)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/^error: cannot write to (out|x\.json): permission denied\n$/m),
      });
    }
  });

  test('is told once when it is the folder that one is in', (context) => {
    if (uid === undefined || !canRun()) context.skip();
    write('in/manifests/pod.yaml', pod('web'));
    write('m/pod.yaml', pod('web'));
    const run = (args: string) => {
      const as = `setpriv --reuid ${uid} --regid ${uid} --clear-groups`;
      const line = `cd "${folder}/in" && chmod 700 . && exec ${as} "${process.execPath}" "${bin}" ${args}`;
      return spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    };
    if (spawnSync('setpriv', ['--version']).status !== 0) context.skip();
    expect(run('analyze')).toMatchObject({
      status: 65,
      stderr: expect.stringMatching(/cannot read .*permission denied\n$/),
    });
    expect(run(`validate "${folder}/m"`)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^warning \[MESH0041\] whether .* has a mesh\.config\.yaml cannot be known: permission denied\n$/,
      ),
    });
  });
});

describe('a checkout that is not built', () => {
  test('says what to run', () => {
    cpSync(dirname(bin), join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')));
    const { status, stderr } = spawnSync(process.execPath, ['bin/mesh.js', 'version'], { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, `error: mesh is not built: run "npm ci && npm run build" in ${folder}\n`]);
  });
});
