import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isProxyFileName, type ProxyName, proxyFileName } from '../../../src/output/translate/file-name.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/);
const pod = fc.array(label, { minLength: 1, maxLength: 9 }).map((labels) => labels.join('.').slice(0, 253));
/** Names that objects may have, names that they may not, and those that lead elsewhere. */
const text = fc.oneof(
  label,
  pod,
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '.', '..', '../x', '/etc/x', 'a.b', 'b.c', 'A', 'a', 'a\0b', '~', 'a_b', '.json', 'x'.repeat(300)),
  fc.array(fc.constantFrom('a', 'b', '.', '-', '/', '_'), { maxLength: 6 }).map((parts) => parts.join('')),
);
const proxyName: fc.Arbitrary<ProxyName> = fc.record({ namespace: text, name: text });
const clustered: fc.Arbitrary<ProxyName> = fc.record({
  cluster: text.map((cluster) => cluster.toLowerCase()),
  namespace: text,
  name: text,
});

describe('the name of the file of a proxy', () => {
  test('is namespace and pod, with the cluster before them where there are several', () => {
    expect(proxyFileName({ namespace: 'shop', name: 'web-0' }, 'json')).toBe('shop.web-0.json');
    expect(proxyFileName({ namespace: 'shop', name: 'web.v1.x-0' }, 'yaml')).toBe('shop.web.v1.x-0.yaml');
    expect(proxyFileName({ cluster: 'Kubernetes', namespace: 'shop', name: 'web-0' }, 'json')).toBe('Kubernetes.shop.web-0.json');
    expect(proxyFileName({ cluster: 'gke_p_eu-1', namespace: 'shop', name: 'web' }, 'json')).toBe('gke_p_eu-1.shop.web.json');
  });

  test('keeps what can be read where the plain name would be ambiguous, too long or no name', () => {
    expect(proxyFileName({ namespace: 'a.b', name: 'c' }, 'json')).toMatch(/^a\.b\.c_[0-9a-f]{20}\.json$/);
    expect(proxyFileName({ namespace: '../../x', name: 'evil' }, 'json')).toMatch(/^x\.evil_[0-9a-f]{20}\.json$/);
    expect(proxyFileName({ namespace: 'shop', name: 'Web' }, 'json')).toMatch(/^shop\.web_[0-9a-f]{20}\.json$/);
    expect(proxyFileName({ namespace: 'a b', name: '\0evil' }, 'json')).toMatch(/^a-b\.-evil_[0-9a-f]{20}\.json$/);
    expect(proxyFileName({ namespace: 'a', name: 'x'.repeat(253) }, 'json')).toMatch(/^a\.x+_[0-9a-f]{20}\.json$/);
  });

  test('is that of one proxy only, on disks that do not tell capitals, too', () => {
    for (const names of [proxyName, clustered]) {
      fc.assert(
        fc.property(fc.uniqueArray(names, { minLength: 2, maxLength: 40, selector: (one) => JSON.stringify(one) }), (proxies) => {
          const files = proxies.map((proxy) => proxyFileName(proxy, 'json').toLowerCase());
          expect(new Set(files).size).toBe(files.length);
        }),
      );
    }
  });

  test('is a name that every disk takes and that leads nowhere else', () => {
    fc.assert(
      fc.property(fc.oneof(proxyName, clustered), fc.constantFrom('json', 'yaml'), (proxy, extension) => {
        const file = proxyFileName(proxy, extension);
        expect(file).toMatch(/^[A-Za-z0-9][-._A-Za-z0-9]*\.(json|yaml)$/);
        expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
        expect(isProxyFileName(file)).toBe(true);
      }),
    );
  });

  test('is the plain one for every name that an object may have, as long as it fits', () => {
    fc.assert(
      fc.property(label, pod, (namespace, name) => {
        fc.pre(!name.endsWith('.') && !name.endsWith('-') && namespace.length + name.length < 249);
        expect(proxyFileName({ namespace, name }, 'json')).toBe(`${namespace}.${name}.json`);
      }),
    );
  });

  test('is known again, and others are not', () => {
    const others = ['package.json', 'a.b.txt', '.a.b.json', 'A.b.json', 'a.B.json', 'a_b.json', 'a..json', 'ztunnel.json', ''];
    expect(others.filter(isProxyFileName)).toEqual([]);
  });
});
