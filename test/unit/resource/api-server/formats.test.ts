import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  annotationKey,
  asPrefix,
  configKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  environmentVariableName,
  type Format,
  fullyQualifiedDomainName,
  labelKey,
  labelValue,
  portName,
  portNumberProblems,
  wildcardDns1123Subdomain,
} from '../../../../src/resource/api-server/formats.ts';

const accepts = (format: Format, text: string): boolean => format(text).length === 0;

/** Texts near to names: of their characters and a few others, so that about every second one is accepted. */
const nearName = fc.string({ unit: fc.constantFrom(...'aaz09-.-A_/*\n é'), maxLength: 12 });
const anyText = fc.oneof(
  nearName,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'ab-.'), maxLength: 300 }),
);

const isLower = (character: string): boolean => /[a-z]/.test(character);
const isDigit = (character: string): boolean => /\d/.test(character);

/** The rules once more, in words of their own: by characters, without the expressions of Kubernetes. */
function isLabelByHand(text: string): boolean {
  const characters = [...text];
  const isInner = (character: string): boolean => isLower(character) || isDigit(character) || character === '-';
  return text !== '' && characters.every(isInner) && characters.at(0) !== '-' && characters.at(-1) !== '-';
}

function isQualifiedByHand(text: string): boolean {
  const isOuter = (character = ''): boolean => isLower(character.toLowerCase()) || isDigit(character);
  const characters = [...text];
  const hasOnlyAscii = characters.every((character) => isOuter(character) || '-_.'.includes(character));
  return hasOnlyAscii && !/[^ -~]/.test(text) && isOuter(characters.at(0)) && isOuter(characters.at(-1));
}

describe('accepted are exactly the texts that Kubernetes accepts', () => {
  const samples = { numRuns: 2000 };

  test('as labels', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(accepts(dns1123Label, text)).toBe(isLabelByHand(text) && text.length <= 63);
      }),
      samples,
    );
  });

  test('as subdomains', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(accepts(dns1123Subdomain, text)).toBe(text.split('.').every(isLabelByHand) && text.length <= 253);
      }),
      samples,
    );
  });

  test('as names of Services', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(accepts(dns1035Label, text)).toBe(isLabelByHand(text) && isLower(text.charAt(0)) && text.length <= 63);
      }),
      samples,
    );
  });

  test('as keys of labels', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [name = '', prefix, ...more] = text.split('/').reverse();
        const hasGoodPrefix = prefix === undefined || (prefix.split('.').every(isLabelByHand) && prefix.length <= 253);
        const isGood = more.length === 0 && hasGoodPrefix && isQualifiedByHand(name) && name.length <= 63;
        expect(accepts(labelKey, text)).toBe(isGood);
      }),
      samples,
    );
  });

  test('as values of labels', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(accepts(labelValue, text)).toBe(text === '' || (isQualifiedByHand(text) && text.length <= 63));
      }),
      samples,
    );
  });

  test('as names of ports', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const isGood = isLabelByHand(text) && [...text].some(isLower) && !text.includes('--') && text.length <= 15;
        expect(accepts(portName, text)).toBe(isGood);
      }),
      samples,
    );
  });

  test('as ports', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 70_000 }), (port) => {
        expect(portNumberProblems(port)).toHaveLength(port > 0 && port < 65_536 ? 0 : 1);
      }),
    );
  });
});

describe('a name that is accepted', () => {
  const names: readonly Format[] = [dns1123Label, dns1123Subdomain, dns1035Label];

  test('is one part of a path and of a line, and needs no escaping anywhere', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...names), (text, format) => {
        fc.pre(accepts(format, text));
        expect(text).toMatch(/^[a-z0-9.-]+$/);
        expect(['.', '..']).not.toContain(text);
      }),
    );
  });
});

describe('words', () => {
  test('a text too long and of wrong characters breaks two rules', () => {
    expect(dns1123Label('A'.repeat(64))).toHaveLength(2);
    expect(labelValue('é'.repeat(32))[0]).toBe('must be no more than 63 bytes');
  });

  test('the parts of a key are told apart', () => {
    expect(labelKey('/app')).toEqual(['prefix part must be non-empty']);
    expect(labelKey('example.com/')[0]).toBe('name part must be non-empty');
    expect(labelKey('a/b/c')).toEqual([expect.stringMatching(/^a valid label key must consist of .*'example.com\/MyName'\)$/)]);
    expect(annotationKey('Example.com/Key')).toEqual([]);
  });

  test('a prefix of names may end in a dash', () => {
    expect(asPrefix(dns1123Subdomain)('web-')).toEqual([]);
    expect(asPrefix(dns1123Subdomain)('web_')).not.toEqual([]);
    expect(dns1123Subdomain('web-')).not.toEqual([]);
  });

  test('hosts with a wildcard, keys of ConfigMaps, names of variables and domains', () => {
    expect(wildcardDns1123Subdomain('*.example.com')).toEqual([]);
    expect(wildcardDns1123Subdomain('*')).toHaveLength(1);
    expect(configKey('..data')).toEqual(["must not start with '..'"]);
    expect(configKey('tls.crt')).toEqual([]);
    expect(environmentVariableName('A B')).toEqual([]);
    expect(environmentVariableName('A=B')).toHaveLength(1);
    expect(fullyQualifiedDomainName('db.example.com')).toEqual([]);
    expect(fullyQualifiedDomainName('db')).toEqual(['should be a domain with at least two segments separated by dots']);
  });
});
