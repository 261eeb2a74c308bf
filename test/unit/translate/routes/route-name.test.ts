import { expect, test } from 'vitest';
import { parseRouteName } from '../../../../src/translate/routes/route-name.ts';

test.each([
  ['80', { port: 80, service: undefined }],
  ['cart.example:8080', { port: 8080, service: { host: 'cart.example', name: 'cart.example:8080' } }],
  ['http_proxy', { port: 0, service: undefined }],
  ['unix:///var/run/out.sock', { port: 0, service: undefined }],
  ['custom', undefined],
  ['custom:name', undefined],
])('%s', (name, expected) => {
  expect(parseRouteName(name)).toEqual(expected);
});
