// npm run bench: how long mesh takes and how much memory it needs. Prints a table; asserts nothing. With --growth: how the time grows
// with what a user can make long; a word after it chooses (`--growth "pods of a service: trace"`). With --clusters: how much longer
// three clusters take than one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { measureGrowth } from './growth.mjs';
import { writeCluster, writeDocuments, writeMesh } from './mesh-of.mjs';

const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'bin/mesh.js');
const work = mkdtempSync(join(tmpdir(), 'mesh-bench-'));

/** Runs mesh and gives the seconds it took and its peak memory in MB (the child reports it as it ends). */
function measure(args, cwd = root) {
  const report = `process.on('exit',()=>process.stderr.write('\\n#rss '+process.resourceUsage().maxRSS+' '+process.resourceUsage().userCPUTime+' '+process.resourceUsage().systemCPUTime+'\\n'))`;
  const started = process.hrtime.bigint();
  const child = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(report)}`, bin, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (child.status !== 0 && child.status !== 79)
    throw new Error(`mesh ${args.join(' ')}: exit ${child.status}\n${child.stderr.slice(0, 2000)}`);
  const [, rss = 0, user = 0, system = 0] = /#rss (\d+) (\d+) (\d+)/.exec(child.stderr)?.map(Number) ?? [];
  return { seconds, rss: rss / 1024, cpu: { user, system } };
}

const best = (runs, ...args) => Array.from({ length: runs }, () => measure(...args)).sort((a, b) => a.seconds - b.seconds)[0];
const row = (name, { seconds, rss }, note = '') =>
  process.stdout.write(`${name.padEnd(58)} ${seconds.toFixed(2).padStart(7)} s ${rss.toFixed(0).padStart(6)} MB  ${note}\n`);

/** Seconds that a run had the processor, in its program and for it. */
const processorTime = ({ cpu: { user, system } }) => (user + system) / 1e6;

function benchGrowth() {
  const seconds = (args) => processorTime(best(1, args));
  const print = (name, command, times, exponent) =>
    process.stdout.write(
      `${name.padEnd(48)} ${command.padEnd(13)} ${times.map((time) => time.padStart(9)).join('')} ${exponent.padStart(9)}\n`,
    );
  measureGrowth(join(work, 'growth'), seconds, print, process.argv[process.argv.indexOf('--growth') + 1]);
}

function benchUsual() {
  row('mesh version (cold)', best(5, ['version']));
  row(
    'proxy-config routes on bookinfo (cold)',
    best(5, ['proxy-config', 'routes', 'productpage-v1-0'], join(root, 'fixtures/bookinfo')),
  );
  row('analyze on bookinfo (cold)', best(5, ['analyze'], join(root, 'fixtures/bookinfo')));
  const shapes = [
    ['3,000 documents in one file', 1000, 'one file'],
    ['300 documents in as many files', 100, 'a file each'],
    ['15,000 documents in as many files', 5000, 'a file each'],
  ];
  for (const [name, services, layout] of shapes) {
    const folder = join(work, name);
    writeDocuments(services, folder, layout);
    row(`analyze ${name}`, best(3, ['analyze', folder]));
  }
  for (const services of [100, 300, 1000]) {
    const folder = join(work, String(services));
    writeMesh(services, folder);
    for (const proxies of services === 100 ? [20, 200] : [20, 200]) {
      const names = Array.from(
        { length: proxies },
        (_, i) => `service-${i % services}-v${Math.floor(i / services) + 1}-0.team-${Math.floor((i % services) / 10)}`,
      );
      const out = join(work, `out-${services}-${proxies}`);
      const result = measure(['translate', '-f', folder, '--out-dir', out, ...names.flatMap((name) => ['--proxy', name])]);
      row(
        `translate ${proxies} proxies of ${services} services`,
        result,
        `${((1000 * result.seconds) / proxies).toFixed(1)} ms each`,
      );
      rmSync(out, { recursive: true, force: true });
    }
  }
}

/** Three clusters of 100 services and 200 proxies each, two of one network, against one of them alone: processor time counts. */
function benchClusters() {
  const names = ['east', 'north', 'west'];
  const folders = names.map((name, index) => {
    const folder = join(work, 'clusters', name);
    writeMesh(100, folder);
    writeCluster(name === 'west' ? 'b' : 'a', `192.0.2.${index + 1}`, folder);
    return `${name}=${folder}`;
  });
  const of = (clusters) => clusters.flatMap((cluster) => ['--cluster', cluster]);
  const commands = [
    ['translate of all proxies', (clusters) => ['translate', ...of(clusters), '--out-dir', join(work, `out-${clusters.length}`)]],
    ['analyze', (clusters) => ['analyze', ...of(clusters)]],
    ['trace', (clusters) => ['trace', ...of(clusters), '--from', 'east/team-1/service-11-v1-0', 'http://service-12:8080/']],
    ['graph', (clusters) => ['graph', ...of(clusters), '--from', 'east/team-1', '--to', 'team-1']],
  ];
  for (const [name, args] of commands) {
    const [one, three] = [folders.slice(0, 1), folders].map((clusters) => best(2, args(clusters)));
    row(`${name}: one cluster`, one);
    row(`${name}: three clusters`, three, `${(processorTime(three) / processorTime(one)).toFixed(1)} times`);
  }
}

try {
  if (process.argv.includes('--growth')) benchGrowth();
  else if (process.argv.includes('--clusters')) benchClusters();
  else benchUsual();
} finally {
  rmSync(work, { recursive: true, force: true });
}
