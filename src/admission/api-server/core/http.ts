import type { Format } from '../../../resource/api-server/formats.ts';

/** The name of a header: k8s.io/apimachinery pkg/util/validation IsHTTPHeaderName. */
export const httpHeaderName: Format = (text) =>
  /^[-A-Za-z0-9]+$/.test(text)
    ? []
    : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ];
