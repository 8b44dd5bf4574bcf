"""The language inside ``when:``, ``unless:``, ``set:`` and ``{{ }}``: one typed tree, several readers."""
