/** Failure types that Temporal shows: fixed identifiers for operators, no personal data. */
export const FAILURE_TYPES = {
  mailUnavailable: 'MailUnavailable',
  /** As many emails are being sent as the worker sends at a time. */
  mailBusy: 'MailBusy',
  changeNotWritten: 'ChangeNotWritten',
  /** A reminder waits for the hours in which emails are sent. */
  outsideReminderHours: 'OutsideReminderHours',
  /** An update that changes nothing, rejected so that it leaves no event. Its detail is the answer. */
  updateRefused: 'UpdateRefused',
} as const;
