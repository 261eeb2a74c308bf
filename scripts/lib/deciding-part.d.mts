type Schema = Readonly<Record<string, unknown>>;
export function decidingPart(schema: Schema): Schema;
