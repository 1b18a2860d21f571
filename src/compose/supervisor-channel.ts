/**
 * Calls `onParentGone` once when the supervisor that started this process is gone, for any reason.
 * Does nothing in a process started by hand: only the supervisor opens an IPC channel.
 */
export function exitWithParent(onParentGone: () => void): void {
  if (!process.connected) return;
  process.once('disconnect', onParentGone);
}

/** Tells the supervisor that this part is ready; for a part that never does, `isReady` decides. */
export function reportReady(): void {
  if (process.connected) process.send?.('ready');
}
