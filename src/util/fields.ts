/**
 * Where a message of an API is taken apart, a field that the API gets later must not pass unseen: it is a type error until somebody
 * has said what becomes of it (test/new-fields.test.ts).
 */

/** A value for every field of a message, `undefined` included. */
export type EveryField<Message> = { readonly [Field in keyof Message]-?: Message[Field] | undefined };

/** Something that is said of every field of a message. */
export type ForEveryField<Message, Said> = { readonly [Field in keyof Message]-?: Said };

/** A message that has these fields and no others; what is read of it costs nothing, so that it can be asked for millions of requests. */
export type WithFields<Message, Field extends keyof Message> =
  Exclude<keyof Message, Field> extends never ? Message : { readonly unread: Exclude<keyof Message, Field> };

/** The fields of a message that hold parts of one kind: one part, or a list of them. */
type FieldsHolding<Message, Part> = {
  [Field in keyof Message]-?: HasFieldsOf<ItemOf<NonNullable<Message[Field]>>, Part> extends true ? Field : never;
}[keyof Message];

type ItemOf<Value> = Value extends readonly (infer Item)[] ? Item : Value;

/** Whether two messages have the same fields. Fields that are all optional would fit many another message. */
type HasFieldsOf<Value, Message> = [keyof Value, keyof Message] extends [keyof Message, keyof Value] ? true : false;

/** What a message holds of parts of one kind, where these fields are all that do. */
export type PartsOf<Message, Part, Field extends keyof Message> =
  Exclude<FieldsHolding<Message, Part>, Field> extends never
    ? Pick<Message, Field>
    : { readonly unread: Exclude<FieldsHolding<Message, Part>, Field> };

/** Takes what is left of a message from which every field was taken: nothing. */
export function nothingElse(_rest: Readonly<Record<string, never>>): void {}
