// Draws the charts of a report: on the screen they are interactive, on paper each is a picture of fixed size.
"use strict";
(async () => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  for (const { key, data, layout, config } of charts) {
    const place = document.getElementById(key);
    const plot = place.querySelector(".plot");
    await Plotly.newPlot(plot, data, layout, { ...config, responsive: true });
  }
  for (const { key, data, layout, config, paper } of charts) {
    const place = document.getElementById(key);
    // Drawn anew from the data, so that it is the same at whatever width the screen is.
    const printed = { ...layout, ...paper };
    place.querySelector(".picture").src = await Plotly.toImage(
      { data, layout: printed, config },
      { format: "svg", width: printed.width, height: printed.height },
    );
    place.classList.add("pictured");
  }
  document.body.dataset.ready = "yes";
})();
