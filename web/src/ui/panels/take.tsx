import * as t from '../../text/panels';

/** The fit as files. */
export function TakePanel() {
  return (
    <>
      <p class="muted">{t.take.intro}</p>
      <p>{t.take.soon}</p>
    </>
  );
}
