import { configKey } from '../../../resource/api-server/formats.ts';
import { type Fields, fieldsOf } from '../../../util/object.ts';
import { revealText, Sealed } from '../../../util/sealed.ts';
import { fill } from './defaults.ts';
import type { FieldErrors, FieldPlace } from './place.ts';

/** `stringData` becomes data. */
export function fillSecret(object: Fields): Fields {
  const { data, stringData, ...others } = fill(object, { type: 'Opaque' });
  const encoded = Object.entries(fieldsOf(stringData)).map(([key, value]) => [key, encodedSecret(value)]);
  return { ...others, data: { ...fieldsOf(data), ...Object.fromEntries(encoded) } };
}

function encodedSecret(value: unknown): Sealed {
  return new Sealed(Buffer.from(value instanceof Sealed ? revealText(value) : '').toString('base64'));
}

/** k8s.io/kubernetes pkg/apis/core/validation ValidateSecret. `stringData` is data by then. */
export function* judgeSecret(object: FieldPlace): FieldErrors {
  const data = object.at('data');
  yield* checkKeys(data);
  const missing = (key: string): boolean => !data.key(key).isSet;
  switch (object.at('type').text) {
    case 'kubernetes.io/service-account-token': {
      const account = object.at('metadata').at('annotations').key('kubernetes.io/service-account.name');
      if (account.text === '') yield account.required();
      return;
    }
    case 'kubernetes.io/dockercfg':
      return yield* checkJson(data.key('.dockercfg'));
    case 'kubernetes.io/dockerconfigjson':
      return yield* checkJson(data.key('.dockerconfigjson'));
    case 'kubernetes.io/basic-auth':
      if (missing('username') && missing('password')) {
        for (const key of ['username', 'password']) yield { ...data.key(key).required(), field: `data[%s][${key}]` };
      }
      return;
    case 'kubernetes.io/ssh-auth':
      if (secretText(data.key('ssh-privatekey')) === '')
        yield { ...data.key('ssh-privatekey').required(), field: 'data[%s][ssh-privatekey]' };
      return;
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (missing(key)) yield data.key(key).required();
  }
}

function* checkKeys(data: FieldPlace): FieldErrors {
  for (const key of data.keys) for (const rule of configKey(key)) yield { ...data.key(key).invalid(rule, key), on: 'key' };
}

function secretText({ value }: FieldPlace): string {
  return value instanceof Sealed ? revealText(value) : '';
}

/** What the API server says of it is what Go says; more than where it begins is not looked at. */
function* checkJson(entry: FieldPlace): FieldErrors {
  if (!entry.isSet) {
    yield entry.required();
    return;
  }
  const text = Buffer.from(secretText(entry), 'base64').toString();
  const rule = jsonProblem(text);
  if (rule !== undefined) yield entry.invalid(rule, '<secret contents redacted>');
}

function jsonProblem(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
  } catch {
    const [first] = text.trim();
    if (first === undefined) return 'unexpected end of JSON input';
    if (!/[[{"\-0-9tfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
    return 'unexpected end of JSON input';
  }
}

/** ValidateConfigMap there. */
export function* judgeConfigMap(object: FieldPlace): FieldErrors {
  const [data, binary] = [object.at('data'), object.at('binaryData')];
  yield* checkKeys(data);
  for (const key of data.keys) {
    if (binary.key(key).isSet) yield data.key(key).invalid('duplicate of key present in binaryData', key);
  }
  yield* checkKeys(binary);
}
