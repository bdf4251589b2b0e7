"""Workspaces with known faults, and experiments on them: is the right cause found?

``plan`` and ``damage`` make the faults and say what the cause must be; they import nothing of Assay.
``scripted`` is the model and the embedder, and ``laboratory`` runs the experiment with Assay's own services.
"""
