import { expect, test } from 'vitest';
import { parseYamlValue } from '../../../src/util/yaml.ts';

// Values: sigs.k8s.io/yaml 1.6.0.
test.each([
  ['yes', true],
  ['On', true],
  ['y', true],
  ['no', false],
  ['OFF', false],
  ['014', 12],
  ['0o14', 12],
  ['0x1F', 31],
  ['-0b11', -3],
  ['1_000', 1000],
  ['089', 89],
  ['+5', 5],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1.', 1],
  ['12:30', '12:30'],
  ['2026-01-01', '2026-01-01'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['1.2.3', '1.2.3'],
  ['0x', '0x'],
  ['~', null],
  ['"yes"', 'yes'],
  ['!!str 80', '80'],
])('the plain scalar %s is read as Kubernetes reads it', (text, value) => {
  expect(parseYamlValue(`v: ${text}`)).toEqual({ v: value });
});

test('keys become texts', () => {
  expect(parseYamlValue('80: a\ntrue: b\n')).toEqual({ 80: 'a', true: 'b' });
});
