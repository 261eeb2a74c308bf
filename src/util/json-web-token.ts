/** A JSON Web Token that holds claims, with a signature (base64url) that nobody made: whether it is valid is not told by its text. */
export function tokenText(claims: Readonly<Record<string, unknown>>, signature: string): string {
  const [header, payload] = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${header}.${payload}.${signature}`;
}
