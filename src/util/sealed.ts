const MASK = '***';

/**
 * A value that is for nobody to see, such as those of a Secret. Whatever prints it, as JSON or in a text, prints a mask; who needs the
 * value itself has to say so (`reveal`), and test/architecture.test.ts knows who does.
 */
export class Sealed {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The value. Never to be printed. */
  reveal(): unknown {
    return this.#value;
  }

  /** Whether both hold the same, which says nothing about what. */
  equals(other: Sealed): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return typeof this.#value === 'string' ? `${MASK} (${this.#value.length} characters)` : MASK;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The text of a sealed value; empty for other values. */
export function revealText(sealed: Sealed): string {
  const value = sealed.reveal();
  return typeof value === 'string' ? value : '';
}

/** Whether a value is the mask of a sealed text, left in the place of a text that stays one. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && /^\*\*\* \(\d+ characters\)$/.test(value);
}
