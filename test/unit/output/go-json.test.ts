import { expect, test } from 'vitest';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { formatGoJson } from '../../../src/output/go-json.ts';
import { formatProtobufJson } from '../../../src/output/go-protobuf-json.ts';

test('keys of maps that are numbers are sorted as texts', () => {
  expect(formatGoJson({ map: { 80: 'a', 15021: 'b' } })).toBe(
    '{\n    "map": {\n        "15021": "b",\n        "80": "a"\n    }\n}',
  );
});

test('characters of markup are escaped, empty lists and objects take one line', () => {
  expect(formatGoJson({ text: '<a & b>', list: [], object: {} })).toBe(
    '{\n    "text": "\\u003ca \\u0026 b\\u003e",\n    "list": [],\n    "object": {}\n}',
  );
});

test('a bootstrap: free objects stand one step further in, as istioctl prints them', () => {
  const bootstrap = {
    bootstrap: {
      node: {
        metadata: { ISTIO_VERSION: '1.21.0', metadata: { 'build.label': 'dev' }, PILOT_SAN: ['istiod'] },
      },
    },
  };
  expect(formatProtobufJson(bootstrap, 'envoy.admin.v3.BootstrapConfigDump', createEnvoyDescriptors())).toBe(`{
    "bootstrap": {
        "node": {
            "metadata": {
                    "ISTIO_VERSION": "1.21.0",
                    "metadata": {
                                "build.label": "dev"
                            },
                    "PILOT_SAN": [
                                "istiod"
                            ]
                }
        }
    }
}`);
});

test('a section without anything in it takes three lines', () => {
  expect(formatProtobufJson({}, 'envoy.admin.v3.SecretsConfigDump', createEnvoyDescriptors())).toBe('{\n\n}');
});
