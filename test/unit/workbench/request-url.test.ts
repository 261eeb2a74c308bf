import { describe, expect, test } from 'vitest';
import { formatHostPort, parseHostPort } from '../../../src/util/host-port.ts';
import { parseRequestUrl } from '../../../src/workbench/request-url.ts';

describe('the URL of a request', () => {
  test.each([
    ['http://reviews:9080/a?b=c#d', { scheme: 'http', host: 'reviews', port: 9080, target: '/a?b=c' }],
    ['reviews', { host: 'reviews', target: '/' }],
    ['https://reviews?a', { scheme: 'https', host: 'reviews', target: '/?a' }],
    ['tcp://10.1.1.1:5432', { scheme: 'tcp', host: '10.1.1.1', port: 5432, target: '/' }],
    ['http://[fd00::1]/x', { scheme: 'http', host: 'fd00::1', target: '/x' }],
    ['http://[fd00::1]:8080/x', { scheme: 'http', host: 'fd00::1', port: 8080, target: '/x' }],
  ])('%s', (text, parts) => {
    expect(parseRequestUrl(text)).toEqual(parts);
  });

  test.each([
    ['ftp://reviews', 'the scheme ftp is not known'],
    ['http:///a', 'it has no host'],
    ['http://reviews:0/', 'a port is a number from 1 to 65535'],
    ['http://reviews:70000/', 'a port is a number from 1 to 65535'],
    ['http://reviews:http/', 'a port is a number from 1 to 65535'],
    ['http://fd00::1/', 'an IPv6 address stands in brackets'],
    ['http://[reviews]/', 'is no host'],
    ['http://a b/', 'a b is no host'],
  ])('%s is none', (text, message) => {
    expect(() => parseRequestUrl(text)).toThrow(message);
  });
});

describe('a host with a port', () => {
  test.each([
    ['reviews:9080', { host: 'reviews', port: 9080 }],
    ['10.1.1.1', { host: '10.1.1.1' }],
    ['fd00::1', { host: 'fd00::1' }],
    ['[fd00::1]:80', { host: 'fd00::1', port: 80 }],
    ['[fd00::1', undefined],
    ['[10.1.1.1]:80', undefined],
    ['10.1.1.1:99999', undefined],
    ['', undefined],
  ])('%s', (text, parts) => {
    expect(parseHostPort(text)).toEqual(parts);
  });

  test('written and read again is the same', () => {
    for (const [host, port] of [
      ['fd00::1', 80],
      ['10.1.1.1', 80],
      ['reviews', undefined],
    ] as const) {
      expect(parseHostPort(formatHostPort(host, port))).toEqual({ host, ...(port !== undefined && { port }) });
    }
  });
});
