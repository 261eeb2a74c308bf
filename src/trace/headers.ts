/** HTTP headers of one message; names in lower case, order and repetitions kept. Pseudo headers (`:path`) are among them. */
export interface MessageHeaders {
  /** All values of a name joined with commas; undefined where there is none. */
  get(name: string): string | undefined;
  has(name: string): boolean;
  set(name: string, value: string): void;
  add(name: string, value: string): void;
  remove(name: string): void;
  entries(): readonly (readonly [string, string])[];
  copy(): MessageHeaders;
}

/** Headers with these at first. */
export function createHeaders(initial: Iterable<readonly [string, string]> = []): MessageHeaders {
  let list: (readonly [string, string])[] = [...initial].map(([name, value]) => [keyOf(name), value] as const);
  return {
    get(name) {
      const key = keyOf(name);
      const values = list.filter(([other]) => other === key).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(',');
    },
    has: (name) => list.some(([other]) => other === keyOf(name)),
    set(name, value) {
      const key = keyOf(name);
      const at = list.findIndex(([other]) => other === key);
      if (at === -1) list.push([key, value]);
      else list = list.flatMap((entry, index) => (index === at ? [[key, value] as const] : entry[0] === key ? [] : [entry]));
    },
    add: (name, value) => void list.push([keyOf(name), value]),
    remove(name) {
      list = list.filter(([other]) => other !== keyOf(name));
    },
    entries: () => list,
    copy: () => createHeaders(list),
  };
}

/** Envoy keeps the host under its pseudo header, whatever name asks for it. */
function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'host' ? ':authority' : lower;
}
