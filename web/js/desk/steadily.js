/**
 * Runs `act` a while (milliseconds) after it is first wished for: once for many wishes, never twice at a time, and never
 * put off for long by wishes that do not end.
 * @param {() => Promise<any>} act
 */
export function steadily(act, wait) {
  let timer = null;
  let isWished = false;
  const wish = () => {
    isWished = true;
    timer ??= setTimeout(run, wait);
  };
  const run = async () => {
    isWished = false;
    try {
      await act();
    } finally {
      timer = null;
      if (isWished) wish();
    }
  };
  return wish;
}
