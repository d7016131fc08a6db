import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as t from '../text/page';
import { Notice } from './bits';

/** A component that is fetched when it is first shown; `waiting` stands in its place until then. */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  waiting: VNode,
): (props: P) => VNode {
  let loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [Component, setComponent] = useState(() => loaded);
    const [failed, setFailed] = useState(false);
    const fetch = async () => {
      try {
        loaded ??= await load();
        setComponent(() => loaded);
      } catch {
        setFailed(true);
      }
    };
    useEffect(() => void fetch(), []);
    if (failed) return <Notice severity="error">{t.page.partMissing}</Notice>;
    return Component ? <Component {...props} /> : waiting;
  };
}
