/** How many of a long list one wants to read, where nobody says otherwise. */
const MOST_LISTED = 3;

/** Names as a list of which one wants to read the first. */
export function listed(names: readonly string[], most: number = MOST_LISTED): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}
