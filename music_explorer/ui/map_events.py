"""What Streamlit does not pass on of a 3D map: clicks on a point, and where the camera is.

Plotly's 3D scatter has no selection and Streamlit hands on no click of it, and a figure that is
drawn anew starts from its first camera. This component draws nothing: it listens to the chart.
"""

import streamlit as st

_JS = """
// Cameras outlive the charts, which are drawn anew whenever a choice changes.
const cameras = (window.__mapCameras ??= {});

export default function ({ data, setTriggerValue }) {
  const { chart } = data;
  let drawn = null;
  let down = null, moved = 0, row = null;

  const sceneOf = (div) => div?._fullLayout?.scene?._scene;
  const remember = () => {
    const scene = sceneOf(drawn);
    if (scene) cameras[chart] = scene.getCamera();
  };
  // Plotly reports a click as soon as the mouse goes down on a point, also where a turn begins.
  const tell = () => {
    if (row === null || down !== null || moved > 5) return;
    setTriggerValue("clicked", row);
    row = null;
  };
  const press = (event) => { down = [event.clientX, event.clientY]; row = null; moved = 0; };
  const move = (event) => {
    if (down) moved = Math.max(moved, Math.hypot(event.clientX - down[0], event.clientY - down[1]));
  };
  const release = () => { down = null; tell(); };
  const click = (event) => { row = event.points?.[0]?.customdata ?? null; tell(); };
  const mouse = { pointerdown: press, pointermove: move, pointerup: release };
  const detach = () => {
    for (const [name, act] of Object.entries(mouse)) drawn?.removeEventListener(name, act, true);
    drawn?.removeListener?.("plotly_relayout", remember);
    drawn?.removeListener?.("plotly_click", click);
  };
  const attach = () => {
    const div = document.querySelector(`.st-key-${chart} .js-plotly-plot`);
    if (!sceneOf(div) || div === drawn) return;
    detach();
    drawn = div;
    if (cameras[chart]) sceneOf(div).setViewport({ camera: cameras[chart] });
    for (const [name, act] of Object.entries(mouse)) div.addEventListener(name, act, true);
    div.on("plotly_relayout", remember);
    div.on("plotly_click", click);
  };
  const poll = setInterval(attach, 200);
  return () => { clearInterval(poll); detach(); };
}
"""


def clicked_row(chart: str) -> int | None:
    """Return the row of the point that was just clicked in a 3D map, and keep its camera.

    Parameters
    ----------
    chart
        Key of the chart, whose points carry the number of their row as ``customdata``.
    """
    listener = st.components.v2.component("map_events", js=_JS)
    clicked = listener(
        data={"chart": chart}, key=f"events_{chart}", height=1, on_clicked_change=lambda: None
    ).clicked
    return None if clicked is None else int(clicked)
