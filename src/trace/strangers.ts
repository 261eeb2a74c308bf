/** The port of clients, where nothing is said. */
export const CLIENT_PORT = 40_000;

/** An address of nobody (RFC 5737), for clients that are no pods. */
export const STRANGER = '203.0.113.1';

/** The same of each family (RFC 3849). */
export const STRANGERS: readonly string[] = [STRANGER, '2001:db8::cb00:7101'];
