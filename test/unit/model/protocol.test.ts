import { expect, test } from 'vitest';
import { parseProtocol } from '../../../src/model/protocol.ts';

test('HBONE is no protocol of ports: Envoy has to detect what they speak', () => {
  expect(parseProtocol('hbone')).toBe('Unsupported');
  expect(parseProtocol('double-hbone')).toBe('Unsupported');
  expect(parseProtocol('HTTP2')).toBe('HTTP2');
});
