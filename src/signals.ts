/**
 * What SIGTERM and SIGINT do. Entry points and commands import this module before any other: a container's first process ignores
 * both until it has handlers, and loading all the rest takes a second.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** As a shell reports an end by a signal: 143, 130. PostgreSQL rolls back what was under way. */
let onStop = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
let isListening = false;

/** `handler` decides from now on what SIGTERM and SIGINT do. Until the first call they end the process. */
export function onStopSignal(handler: () => void): void {
  onStop = handler;
  listen();
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of SIGNALS) process.on(signal, () => onStop(signal));
}

// Tests import commands too, and their process keeps its own signals.
if (require.main?.children.includes(module)) listen();
