/** Around everything: whatever fails, there is a page that says so. It stands on nothing that may have failed. */

import { Component, type ReactNode } from "react";

export class LastResort extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  return (
    <main className="last-resort" role="alert">
      <h1>Toktra's dashboard has failed</h1>
      <p>
        Nothing you had saved is lost. Load the page again; if it fails again, tell an admin what you did.
      </p>
      <button type="button" onClick={() => window.location.reload()}>
        Load again
      </button>{" "}
      <a href="/">Go to the overview</a>
    </main>
  );
}
