/** The program: reads its arguments, runs the command, sets the exit status. */
export async function main(): Promise<void> {}
