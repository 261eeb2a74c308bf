import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiServerOf } from '../../../src/input/api-server.ts';
import { inputOfTexts } from '../../../src/input/load.ts';
import { openCheckedWorkbench } from '../../../src/workbench/checked.ts';
import { askDoors, type DoorFiles } from '../../support/doors.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures');

/** The manifests of a fixture, in the folder that doors are asked about. */
function manifestsOf(folder: string, select: (file: string) => boolean = () => true): DoorFiles {
  const root = join(fixtures, folder);
  const found = readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .filter(select);
  return Object.fromEntries(found.map((file) => [`/work/m/${file}`, readFileSync(join(root, file), 'utf8')]));
}

const refused = (name: string): DoorFiles => ({
  ...manifestsOf(`refused/${name}`, (file) => file === 'refused.yaml'),
  ...manifestsOf('refused', (file) => file === 'base.yaml'),
});

/** Inputs with something wrong: in texts, fields, resources, what they mean together, and what Envoy gets of them. */
const faulty: Readonly<Record<string, DoorFiles>> = {
  broken: manifestsOf('broken/manifests'),
  typo: manifestsOf('broken', (file) => file === 'typo.yaml'),
  operations: manifestsOf('operations/manifests'),
  'mixed repository': manifestsOf('mixed-repository'),
  'a target port that is none': manifestsOf('impossible', (file) => file === 'service-target-70000.yaml'),
  'a port twice': manifestsOf('impossible', (file) => file === 'service-dup-port.yaml'),
  ...Object.fromEntries(
    ['foreign-gateway-class', 'mistyped-kind', 'ist0146-gateway-chart', 'graph-diff-token-and-route', 'rollouts-cronjobs'].map(
      (name) => [name, manifestsOf(`faults/${name}`)],
    ),
  ),
  ...Object.fromEntries(
    ['header-format-percent', 'ring-huge', 'patch-route-cluster', 'tls-sni-long', 'jwks-empty-keys', 'cel-function'].map(
      (name) => [name, refused(name)],
    ),
  ),
};

/** Of kinds that it does not know, istioctl's validate has no word, so that ours has no more than a note. */
const onlyNotedByValidate = ['MESH0074 : warning, info'];

describe('translate, analyze, diff and validate, asked about one faulty input', () => {
  test.each(Object.entries(faulty))('agree about %s', { timeout: 30_000 }, async (name, files) => {
    const { translate, analyze, diff, validate, disagreed } = await askDoors(files);
    expect(disagreed).toEqual(name === 'mistyped-kind' ? onlyNotedByValidate : []);
    expect(analyze).toEqual(expect.arrayContaining([...diff, ...translate]));
    const texts = inputOfTexts(
      Object.entries(files).map(([file, text]) => ({ file, text })),
      { namespace: '' },
    );
    const { documents, release } = texts;
    const input = { ...texts, apiServer: await apiServerOf(documents, release, { mode: 'strict', channel: undefined }) };
    const all = openCheckedWorkbench(input).findings({ verification: 'auto', documents: true, now: 0 });
    const codes = all.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(validate.map((said) => said.split(' ')[1])));
  });
});
