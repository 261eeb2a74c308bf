import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** What is wrong with some files, as `layer path` of `validate`, and the codes of `analyze`. */
async function ask(
  files: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<{ readonly validate: readonly string[]; readonly valid: boolean; readonly analyze: readonly string[] }> {
  const paths = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text]));
  const asked = async (command: string): Promise<string> => {
    const io = createFakeIo({ files: paths });
    await run([command, '-o', 'json', ...flags, 'in.yaml'], io);
    return io.output();
  };
  const [file] = JSON.parse(await asked('validate')).files;
  const told = (JSON.parse(await asked('analyze')) as { code: string; message: string }[]).map(({ code }) => code);
  const named = (['errors', 'warnings'] as const).flatMap((list) =>
    file[list].map(({ layer, path }: { layer: string; path?: string }) => `${list.slice(0, -1)} ${layer} ${path ?? ''}`.trim()),
  );
  return { validate: named, valid: file.valid, analyze: told };
}

const destinationRule = (policy: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec: {host: a.com, trafficPolicy: ${policy}}\n`;
const httpRoute =
  'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec: {rules: [{retry: {attempts: 2}}]}\n';

describe('what the API server and the webhook refuse at one field', () => {
  const text = destinationRule('{connectionPool: {tcp: {connectTimeout: 0s}}}');

  test('is said once, and the verdict of istioctl stays', async () => {
    const { validate, valid, analyze } = await ask({ 'in.yaml': text });
    expect(validate).toEqual(['error api-server spec.trafficPolicy.connectionPool.tcp.connectTimeout']);
    expect(valid).toBe(false);
    expect(analyze.filter((code) => code === 'IST0106' || code === 'MESH0110')).toEqual(['IST0106']);
  });

  test('is what the webhook says where nobody asks the API server', async () => {
    const { validate, analyze } = await ask({ 'in.yaml': text }, '--api-server', 'none');
    expect(validate).toEqual(['error webhook spec.trafficPolicy.connectionPool.tcp.connectTimeout']);
    expect(analyze).toContain('IST0106');
  });
});

describe('fields that the API server does not know', () => {
  test('that Istio would read are refused by it alone', async () => {
    const { validate, valid, analyze } = await ask({ 'in.yaml': destinationRule('{outlier_detection: {}}') });
    expect(validate).toEqual(['error api-server spec.trafficPolicy.outlier_detection']);
    expect(valid).toBe(true);
    expect(analyze).toContain('MESH0012');
  });

  test('are warnings with --api-server warn', async () => {
    const { validate } = await ask({ 'in.yaml': destinationRule('{outlier_detection: {}}') }, '--api-server', 'warn');
    expect(validate).toEqual(['warning api-server spec.trafficPolicy.outlier_detection']);
  });

  test('that come with a later release are told with it', async () => {
    const io = createFakeIo({ files: { '/work/in.yaml': destinationRule('{retryBudget: {budgetInterval: 1s}}') } });
    await run(['validate', '-o', 'json', 'in.yaml'], io);
    expect(JSON.parse(io.output()).files[0].errors).toMatchObject([
      {
        code: 'MESH0104',
        layer: 'api-server',
        message: expect.stringMatching(/^unknown field ".*": field .* exists from Istio/),
      },
    ]);
  });
});

describe('the channel of the Gateway API', () => {
  test('is the standard one, unless a flag says otherwise', async () => {
    expect((await ask({ 'in.yaml': httpRoute })).validate).toEqual(['error api-server spec.rules[0].retry']);
    expect((await ask({ 'in.yaml': httpRoute }, '--gateway-api-channel', 'experimental')).validate).toEqual([]);
  });

  test('is that of mesh.config.yaml', async () => {
    const config = { 'mesh.config.yaml': 'gatewayApiChannel: experimental\n' };
    expect((await ask({ 'in.yaml': httpRoute, ...config })).validate).toEqual([]);
  });

  test('is that of the definitions among the manifests', async () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/channel: experimental, gateway.networking.k8s.io/bundle-version: v1.5.1}
spec: {group: gateway.networking.k8s.io, names: {kind: HTTPRoute, plural: httproutes}, scope: Namespaced, versions: []}
`;
    expect((await ask({ 'in.yaml': `${definition}---\n${httpRoute}` })).validate).toEqual([]);
  });
});

test('mesh.config.yaml can only name what there is', async () => {
  const files = { '/work/in.yaml': httpRoute, '/work/mesh.config.yaml': 'apiServer: lax\n' };
  const io = createFakeIo({ files });
  await run(['validate', 'in.yaml'], io);
  expect(io.errors()).toContain(
    'mesh.config.yaml:1:12: error [MESH0011] apiServer is the text "lax"; it must be none, warn, strict',
  );
});
