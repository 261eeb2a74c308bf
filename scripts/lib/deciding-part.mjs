/** Keys of a schema that decide something. Of formats, an API server knows others, which these definitions do not use. */
const deciding = [
  ...['type', 'nullable', 'default', 'enum', 'maximum', 'minimum', 'maxLength', 'minLength', 'pattern', 'required'],
  ...['maxProperties', 'minProperties', 'maxItems', 'minItems', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'],
];
const formats = ['byte', 'ipv4', 'ipv6'];
/** Keys that say nothing here: descriptions, formats of numbers, and how lists and maps are merged. */
const silent = ['description', 'title', 'format', 'x-kubernetes-list-type', 'x-kubernetes-map-type'];
const nested = ['properties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'];

/** What a rule in CEL can say (admission/api-server/schema.ts). Others would change when it holds, or what is said. */
const ofRules = ['rule', 'message'];

/** The deciding part of a schema. Throws on a key that mesh would pass over. */
export function decidingPart(schema) {
  expectKeys(schema, [...deciding, ...silent, ...nested]);
  for (const rule of schema['x-kubernetes-validations'] ?? []) expectKeys(rule, ofRules);
  const kept = Object.fromEntries(deciding.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
  const listType = schema['x-kubernetes-list-type'];
  return {
    ...kept,
    ...(formats.includes(schema.format) && { format: schema.format }),
    ...((listType === 'map' || listType === 'set') && { 'x-kubernetes-list-type': listType }),
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, decidingPart(part)])),
    }),
    ...Object.fromEntries(
      ['additionalProperties', 'items', 'not'].filter((key) => schema[key]).map((key) => [key, decidingPart(schema[key])]),
    ),
    ...Object.fromEntries(
      ['allOf', 'anyOf', 'oneOf'].filter((key) => schema[key]).map((key) => [key, schema[key].map(decidingPart)]),
    ),
  };
}

function expectKeys(object, known) {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`nobody has looked at ${unknown.join(', ')}`);
}
