/**
 * Calls `onParentGone` once when the supervisor that started this process disappears, however it went.
 * Does nothing in a process that was started by hand: only the supervisor opens an IPC channel.
 */
export function exitWithParent(onParentGone: () => void): void {
  if (!process.connected) return;
  process.once('disconnect', onParentGone);
}

/** Tells the supervisor that this part works now; a part that never says so is judged by its `isReady`. */
export function reportReady(): void {
  if (process.connected) process.send?.('ready');
}
