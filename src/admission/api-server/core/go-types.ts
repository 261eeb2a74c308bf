import { own } from '../../../util/object.ts';

/** The file of types (scripts/describe-kubernetes). */
export interface GoTypesFile {
  /** By apiVersion and kind, the struct of an object. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By its name, the fields of a struct, each with a type in one text. */
  readonly structs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The types of Kubernetes' own kinds. */
export interface GoTypes extends Pick<GoTypesFile, 'kinds'> {
  /** The field of a struct that has a name in JSON. */
  readonly fieldOf: (struct: string, name: string) => GoField | undefined;
  /** The names of the fields of a struct. */
  readonly fieldsOf: (struct: string) => readonly string[];
}

/** The types of a file, each struct read when it is first asked for. */
export function readGoTypes({ kinds, structs }: GoTypesFile): GoTypes {
  const read = new Map<string, ReadonlyMap<string, GoField>>();
  const fieldsOf = (struct: string): ReadonlyMap<string, GoField> => {
    let fields = read.get(struct);
    if (fields === undefined) {
      fields = readFields(own(structs, struct) ?? {});
      read.set(struct, fields);
    }
    return fields;
  };
  return {
    kinds,
    fieldOf: (struct, name) => fieldsOf(struct).get(name),
    fieldsOf: (struct) => [...fieldsOf(struct).keys()],
  };
}

/** The fields of a struct by their names. */
export function readFields(written: Readonly<Record<string, string>>): ReadonlyMap<string, GoField> {
  return new Map(Object.entries(written).map(([name, text]) => [name, readGoField(text)]));
}

/** A type of Go's, with the name that its errors have for it. */
export type GoType =
  | { readonly is: 'struct'; readonly name: string; readonly key: string }
  | { readonly is: 'list' | 'map'; readonly name: string; readonly of: GoType }
  | {
      readonly is: 'text' | 'boolean' | 'integer' | 'number' | 'bytes' | 'time' | 'quantity' | 'portOrName' | 'anything';
      readonly name: string;
    };

const special: Readonly<Record<string, GoType>> = {
  bytes: { is: 'bytes', name: '[]uint8' },
  'intstr.IntOrString': { is: 'portOrName', name: 'intstr.IntOrString' },
  'resource.Quantity': { is: 'quantity', name: 'resource.Quantity' },
  'v1.FieldsV1': { is: 'anything', name: 'v1.FieldsV1' },
  'v1.MicroTime': { is: 'time', name: 'v1.MicroTime' },
  'v1.Time': { is: 'time', name: 'v1.Time' },
};

const scalars: Readonly<Record<string, 'text' | 'boolean' | 'integer' | 'number'>> = {
  string: 'text',
  bool: 'boolean',
  int32: 'integer',
  int64: 'integer',
  float64: 'number',
};

/** A field of a struct. */
export interface GoField {
  readonly type: GoType;
  /** The structs that the field comes from, which are embedded in the one that has it. */
  readonly embedded: readonly string[];
}

/** Reads a field: its type, after the names of embedded structs, each with a `>`. */
function readGoField(text: string): GoField {
  const parts = text.split('>');
  return { type: readGoType(parts.at(-1) ?? ''), embedded: parts.slice(0, -1) };
}

/** Reads a type in one text: `{STRUCT`, `[]ELEMENT`, `map:NAME:ELEMENT`, or the kind of a scalar, `KIND:NAME` where it has a name. */
function readGoType(text: string): GoType {
  if (text.startsWith('{')) return { is: 'struct', name: text.slice(1).replace(/^.*\//, ''), key: text.slice(1) };
  if (text.startsWith('[]')) {
    const of = readGoType(text.slice(2));
    return { is: 'list', name: `[]${of.name}`, of };
  }
  if (text.startsWith('map:')) {
    const end = text.indexOf(':', 4);
    return { is: 'map', name: text.slice(4, end), of: readGoType(text.slice(end + 1)) };
  }
  const [kind = '', name = kind] = text.split(':');
  return own(special, kind) ?? { is: own(scalars, kind) ?? 'anything', name };
}
