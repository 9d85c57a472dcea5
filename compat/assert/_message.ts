/** Put the caller's words behind ours, or a period when there are none. */
export function writeMessage(sentence: string, msg: string | undefined): string {
  return msg ? `${sentence}: ${msg}` : `${sentence}.`;
}
