import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { WAITING_FOR_MAIL_SERVER } from './run-details';

/** The emails of a run of which only the newest counts: each cancels the one before. */
export interface NewestEmail {
  /** Of the newest one, for operators. */
  readonly status: string;
  /** Sends the next one in the background; `send` returns its outcome. */
  replace(send: () => Promise<string>): void;
  cancel(): void;
}

/** `onChange` is called when the newest email has ended. */
export function createNewestEmail(onChange: () => void): NewestEmail {
  let status = WAITING_FOR_MAIL_SERVER;
  let sending: CancellationScope | undefined;

  return {
    get status() {
      return status;
    },

    replace(send) {
      sending?.cancel();
      status = WAITING_FOR_MAIL_SERVER;
      sending = new CancellationScope({ cancellable: true });
      void sending.run(async () => {
        try {
          status = await send();
        } catch (error) {
          // Cancelled by the next one, or by the end of the run: the email is no longer needed.
          if (isCancellation(error)) return;
          status = 'could not be sent';
        }
        onChange();
      });
    },

    cancel: () => sending?.cancel(),
  };
}
